import json

from django.core.management.base import BaseCommand

from portal.outbox import actions, reminders
from portal.outbox.commands import fail_if_left, letters_told


class Command(BaseCommand):
    help = (
        "Påminner om det som väntar: ett brev till varje adress, högst ett i veckan. Kör gärna "
        "varje dag. Slutkod 1 när något brev inte kunde skickas; det försöks igen nästa gång."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Visa vem som skulle få vad. Inget sparas."
        )
        parser.add_argument("--json", action="store_true", help="Skriv resultatet som JSON.")

    def handle(self, *args, **options):
        found, unreached = reminders.digests()
        lately = reminders.had_one_lately()
        new = [digest for digest in found if digest.address not in lately]
        result = {
            "dry_run": options["dry_run"],
            "digests": [{"to": digest.address, "parts": digest.parts} for digest in new],
            "had_one_lately": sorted({digest.address for digest in found} & lately),
            "without_address": dict(unreached),
        }
        if not options["dry_run"]:
            result["queued"] = sum(map(reminders.queue_digest, new))
            result["letters"] = dict(actions.send_waiting())
            actions.forget_old()
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            self.print_result(result)
        if not options["dry_run"]:
            fail_if_left(result["letters"])

    def print_result(self, result):
        for digest in result["digests"]:
            self.stdout.write(f"{digest['to']}")
            for heading, lines in digest["parts"].items():
                self.stdout.write(f"  {heading}: {len(lines)}")
        for address in result["had_one_lately"]:
            self.stdout.write(f"{address}: har fått veckans brev")
        for owner, count in result["without_address"].items():
            self.stdout.write(f"{owner}: ingen e-postadress, {count} påminnelser når ingen")
        if result["dry_run"]:
            self.stdout.write(f"{len(result['digests'])} brev skulle skickas. Inget är sparat.")
        else:
            self.stdout.write(letters_told(result["letters"]))
