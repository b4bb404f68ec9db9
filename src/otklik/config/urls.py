"""Every address of the web door: the residents' site, the desk under /desk/, and what monitoring reads."""

from django.urls import include, path

from otklik.public.views.metrics import metrics

urlpatterns = [
    path("desk/", include("otklik.desk.signin_urls")),
    path("desk/", include("otklik.desk.app_urls")),
    path("desk/", include("otklik.desk.urls")),
    path("metrics", metrics),
    path("", include("otklik.public.urls")),
]
