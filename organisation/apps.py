from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "organisation"
    verbose_name = "Organisation"

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
