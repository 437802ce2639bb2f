from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"
    verbose_name = "Granskningslogg"
    admin_position = 10
    admin_intro = "Vem som har gjort vad. Loggen går inte att ändra."
    admin_models = ["entry"]

    def ready(self):
        from portal.caching import stamp

        from . import (
            personal_data,  # noqa: F401 (tells what the room holds about people)
            sign_ins,  # noqa: F401 (listens)
        )
        from .notes import write_before_commit
        from .triggers import hold, let_go
        from .watching import watch

        watch()
        models = ("Entry", "Values", "Link", "ChainEnd", "Checkpoint")
        stamp.unseen(*(f"audit.{name}" for name in models))
        connection_created.connect(write_before_commit, dispatch_uid="portal.audit.notes")
        pre_migrate.connect(let_go, sender=self, dispatch_uid="portal.audit.triggers")
        post_migrate.connect(hold, sender=self, dispatch_uid="portal.audit.triggers")
