from django.apps import AppConfig


class EducationConfig(AppConfig):
    name = "education"
    verbose_name = "Utbildning"

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
