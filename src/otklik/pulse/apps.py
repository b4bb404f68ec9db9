from django.apps import AppConfig


class PulseConfig(AppConfig):
    name = "otklik.pulse"
    label = "pulse"
