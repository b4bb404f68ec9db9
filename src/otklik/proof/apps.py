from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "otklik.proof"
    label = "proof"
