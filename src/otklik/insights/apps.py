from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "otklik.insights"
    default_auto_field = "django.db.models.BigAutoField"
