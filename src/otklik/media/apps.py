from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "otklik.media"
    default_auto_field = "django.db.models.BigAutoField"
