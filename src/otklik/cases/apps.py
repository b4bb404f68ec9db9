from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CasesConfig(AppConfig):
    name = "otklik.cases"
    label = "cases"

    def ready(self) -> None:
        """Look after the kept counts whenever the tables may have been made anew."""
        from otklik.cases.services.tallying import install_after_migrating

        post_migrate.connect(install_after_migrating, sender=self, dispatch_uid="cases_tallies")
