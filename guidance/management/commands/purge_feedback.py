from django.conf import settings
from django.core.management.base import BaseCommand

from guidance.feedback import out_of_time


class Command(BaseCommand):
    help = (
        "Gallrar synpunkter som har varit klara längre än PORTAL_FEEDBACK_DAYS dagar. Exportera "
        "först det som ska bevaras. Kör gärna varje dag."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, ta inte bort.")

    def handle(self, *args, dry_run, **options):
        rows = out_of_time()
        count = rows.count() if dry_run else rows.delete()[0]
        what = "skulle gallras" if dry_run else "har gallrats"
        self.stdout.write(f"{count} synpunkter äldre än {settings.FEEDBACK_DAYS} dagar {what}.")
