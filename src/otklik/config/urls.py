"""Every address of the web door: the residents' site, and the desk under /desk/."""

from django.urls import include, path

urlpatterns = [
    path("desk/", include("otklik.desk.signin_urls")),
    path("desk/", include("otklik.desk.app_urls")),
    path("desk/", include("otklik.desk.urls")),
    path("", include("otklik.public.urls")),
]
