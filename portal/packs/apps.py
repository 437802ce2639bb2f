from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "portal.packs"
    label = "packs"
    verbose_name = "Innehållspaket"

    def ready(self):
        from . import personal_data  # noqa: F401  (registers what it holds about people)
