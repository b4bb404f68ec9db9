from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "otklik.notices"
    default_auto_field = "django.db.models.BigAutoField"
