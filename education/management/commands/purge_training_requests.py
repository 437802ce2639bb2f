from django.conf import settings
from django.core.management.base import BaseCommand

from education.models import TrainingRequest
from education.training_requests import purge


class Command(BaseCommand):
    help = (
        "Gallrar beställda utbildningar som har varit avslutade längre än "
        "PORTAL_TRAINING_REQUEST_DAYS dagar, med historik. Kör gärna varje dag."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, ta inte bort.")

    def handle(self, *args, dry_run, **options):
        rows = TrainingRequest.objects.out_of_time()
        count = rows.count() if dry_run else purge(rows)
        what = "skulle gallras" if dry_run else "har gallrats"
        days = settings.TRAINING_REQUEST_DAYS
        self.stdout.write(f"{count} beställningar äldre än {days} dagar {what}.")
