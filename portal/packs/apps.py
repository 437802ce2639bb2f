from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "portal.packs"
    label = "packs"
    verbose_name = "Innehållspaket"
