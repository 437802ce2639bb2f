from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Utskick"
    admin_position = 8
    admin_intro = "Brev som webbplatsen har skickat eller väntar med att skicka."

    def ready(self):
        from . import personal_data  # noqa: F401  (registers what it holds about people)
