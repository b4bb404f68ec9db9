from django.apps import AppConfig


class TeachingConfig(AppConfig):
    name = "otklik.teaching"
    label = "teaching"
