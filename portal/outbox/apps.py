from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "outbox"
    verbose_name = "Utskick"
    admin_position = 8
    admin_intro = "Brev som webbplatsen har skickat eller väntar med att skicka."

    def ready(self):
        from .prompt import connect

        connect()
