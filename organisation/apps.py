from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class OrganisationConfig(AppConfig):
    name = "organisation"
    verbose_name = "Organisation"
    admin_position = 2
    admin_intro = "Vilka enheter och roller som finns, och vem som har vilket uppdrag."
    admin_models = [
        "unit",
        "appointment",
        "role",
        "person",
        "unitmanager",
        "attestation",
        "forum",
        "profession",
        "unitkind",
        "listing",
        "fileimport",
    ]

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
        from .seats import hold, let_go

        pre_migrate.connect(let_go, sender=self, dispatch_uid="organisation.seats")
        post_migrate.connect(hold, sender=self, dispatch_uid="organisation.seats")
