from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Utskick"
    admin_position = 8
    admin_intro = "Brev som webbplatsen har skickat eller väntar med att skicka."

    def ready(self):
        from portal.caching import stamp

        from . import personal_data  # noqa: F401  (registers what it holds about people)
        from .prompt import connect

        connect()
        stamp.unseen("outbox.OutgoingMail")
