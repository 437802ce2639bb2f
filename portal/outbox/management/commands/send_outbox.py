import json

from django.core.management.base import BaseCommand

from portal.outbox import actions
from portal.outbox.commands import fail_if_left, letters_told


class Command(BaseCommand):
    help = (
        "Skickar brev som väntar i kön. Slutkod 1 när något brev inte kunde skickas; det försöks "
        "igen nästa gång."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Skriv resultatet som JSON.")

    def handle(self, *args, **options):
        letters = dict(actions.send_waiting())
        actions.forget_old()
        told = json.dumps(letters) if options["json"] else letters_told(letters)
        self.stdout.write(told)
        fail_if_left(letters)
