"""The residents' site."""

from django.urls import path

from otklik.public.views import cases, official, pages, posts, writing

app_name = "public"
urlpatterns = [
    path("", posts.feed, name="feed"),
    path("posts/<slug:slug>/", posts.post, name="post"),
    path("posts/<slug:slug>/comment/", writing.comment, name="comment"),
    path("write/", writing.write, name="write"),
    path("sent/<str:key>/", writing.sent, name="sent"),
    path("cases/", cases.public_list, name="cases"),
    path("cases/<int:number>/", cases.public_case, name="public_case"),
    path("case/", cases.find, name="find"),
    path("case/<str:code>/", cases.own_case, name="case"),
    path("cases/<int:number>/official/", official.public, name="official_public"),
    path("case/<str:code>/official/", official.own, name="official"),
    path("case/<str:code>/confirm/", cases.confirm, name="confirm"),
    path("case/<str:code>/reopen/", cases.reopen, name="reopen"),
    path("case/<str:code>/rate/", cases.rate, name="rate"),
    path("about/", pages.about, name="about"),
    path("lang/", pages.choose_language, name="language"),
    path("theme.css", pages.theme, name="theme"),
    path("robots.txt", pages.robots, name="robots"),
]
