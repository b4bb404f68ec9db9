"""The residents' site."""

from django.urls import path

from otklik.public.views import (
    accountability,
    atom,
    cases,
    citymap,
    files,
    official,
    pages,
    posts,
    problems,
    samehere,
    writing,
)

app_name = "public"
urlpatterns = [
    path("", posts.feed, name="feed"),
    path("posts/<slug:slug>/", posts.post, name="post"),
    path("posts/<slug:slug>/comment/", writing.comment, name="comment"),
    path("write/", writing.write, name="write"),
    path("sent/<str:key>/", writing.sent, name="sent"),
    path("cases/", problems.listing, name="cases"),
    path("cases/map/", citymap.city_map, name="map"),
    path("cases/feed.atom", atom.newest, name="cases_atom"),
    path("cases/<int:number>/", problems.problem, name="public_case"),
    path("cases/<int:number>/same-here/", samehere.same_here, name="same_here"),
    path("cases/<int:number>/feed.atom", atom.of_case, name="case_atom"),
    path("case/", cases.find, name="find"),
    path("case/<str:code>/", cases.own_case, name="case"),
    path("cases/<int:number>/official/", official.public, name="official_public"),
    path("case/<str:code>/official/", official.own, name="official"),
    path("case/<str:code>/confirm/", cases.confirm, name="confirm"),
    path("case/<str:code>/reopen/", cases.reopen, name="reopen"),
    path("case/<str:code>/add/", cases.add, name="add"),
    path("case/<str:code>/public/", cases.publicity, name="publicity"),
    path("case/<str:code>/rate/", cases.rate, name="rate"),
    path("accountability/", accountability.page, name="accountability"),
    path("accountability/<str:month>/", accountability.page, name="accountability_month"),
    path("accountability/<str:month>.csv", accountability.as_csv, name="accountability_csv"),
    path("accountability/<str:month>.json", accountability.as_json, name="accountability_json"),
    path("files/<slug:key>/<slug:look>/", files.public_file, name="file"),
    path("case/<str:code>/files/<slug:key>/<slug:look>/", files.own_file, name="own_file"),
    path("about/", pages.about, name="about"),
    path("lang/", pages.choose_language, name="language"),
    path("theme.css", pages.theme, name="theme"),
    path("robots.txt", pages.robots, name="robots"),
]
