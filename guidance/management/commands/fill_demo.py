from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guidance.demo_pages import fill

MOST = 200_000


class Command(BaseCommand):
    help = "Fyller en demonstration med påhittade sidor, för att mäta (make bench)."

    def add_arguments(self, parser):
        parser.add_argument("--pages", type=int, required=True, help=f"antal sidor, 1–{MOST}")

    def handle(self, *args, **options):
        if not settings.DEMO_DATA:
            raise CommandError("Det här är ingen demonstration (PORTAL_DEMO_DATA=0).")
        if not 1 <= options["pages"] <= MOST:
            raise CommandError(f"Ange 1–{MOST} sidor.")
        made = fill(options["pages"], tell=self.tell)
        self.stdout.write(f"{made} nya sidor.")

    def tell(self, done):
        if done % 5000 == 0:
            self.stderr.write(f"{done} sidor …")
