from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "guidance"
    verbose_name = "Vägledning"

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
