from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "otklik.residents"
    default_auto_field = "django.db.models.BigAutoField"
