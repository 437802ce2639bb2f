from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from organisation.forgetting import purge_names


class Command(BaseCommand):
    help = (
        "Gallrar namn ur uppdrag som slutade för mer än PORTAL_NAME_DAYS dagar sedan, och personer "
        "som inte har något annat uppdrag. Att någon hade rollen, och när, finns kvar. Kör gärna "
        "varje dag."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, gallra inget.")

    def handle(self, *args, dry_run, **options):
        with transaction.atomic():
            purged = purge_names()
            transaction.set_rollback(dry_run)
        what = "skulle gallras" if dry_run else "har gallrats"
        self.stdout.write(
            f"Namn i {purged.appointments} uppdrag och {purged.persons} personer {what} "
            f"({settings.NAME_DAYS} dagar efter sista dagen)."
        )
