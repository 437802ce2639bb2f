from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "followup"
    verbose_name = "Uppföljning"

    def ready(self):
        from . import registrations  # noqa: F401  (tells the shared rooms what this app offers)
