"""The addresses of the app itself. Beside the desk's own, because nobody has to be signed in to have them."""

from django.urls import path

from otklik.desk import app

urlpatterns = [
    path("worker.js", app.worker, name="app_worker"),
    path("manifest.webmanifest", app.manifest, name="app_manifest"),
    path("offline/", app.offline, name="app_offline"),
]
