from django.apps import AppConfig

from portal.caching import stamp


class OperationConfig(AppConfig):
    name = "portal.operation"
    label = "operation"
    verbose_name = "Drift"
    admin_position = 11
    admin_intro = "Säkerhetskopior, och när de senast provades."
    admin_models = ["backuprun"]

    def ready(self):
        stamp.unseen("operation.BackupRun")
