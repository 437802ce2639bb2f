from django.conf import settings
from django.core.management.base import BaseCommand

from portal.audit.keeping import erase, out_of_time


class Command(BaseCommand):
    help = (
        "Raderar värdena i granskningsloggens poster som är äldre än PORTAL_AUDIT_VALUE_DAYS. "
        "Vem som gjorde vad med vilken rad står kvar. Kör gärna varje dag."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, radera inget.")

    def handle(self, *args, dry_run, **options):
        number = out_of_time().count() if dry_run else erase(out_of_time())
        what = "skulle raderas" if dry_run else "har raderats"
        self.stdout.write(
            f"Värdena i {number} poster {what} (äldre än {settings.AUDIT_VALUE_DAYS} dagar)."
        )
