from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.accounts.hsa_id import normal_hsa_id
from portal.web.personal_data import everything_about, forget, subject_of, where_words_stand


class Command(BaseCommand):
    help = (
        "Raderar det som får raderas om en person, och säger vad som står kvar och varför. Rollens "
        "historia blir kvar utan namn. Skriv ut uppgifterna först, med export_person."
    )

    def add_arguments(self, parser):
        parser.add_argument("hsa_id", metavar="HSA-ID")
        parser.add_argument("--dry-run", action="store_true", help="Säg bara vad som skulle hända.")

    def handle(self, *args, hsa_id, dry_run, **options):
        hsa_id = normal_hsa_id(hsa_id)
        if not hsa_id or not everything_about(subject_of(hsa_id)):
            raise CommandError(f"Ingen uppgift om {hsa_id or 'ett tomt HSA-id'} finns i portalen.")
        with transaction.atomic():
            subject = subject_of(hsa_id)
            result = forget(subject)
            places = where_words_stand({*subject.names, *subject.addresses})
            transaction.set_rollback(dry_run)
        self._lines("Skulle raderas:" if dry_run else "Har raderats:", result.gone)
        self._lines("Står kvar:", result.stays)
        self._lines(
            "Namn eller adress står också här. Är det samma person, ändra för hand:",
            [f"{place['Slag']}, rad {place['Rad']}" for place in places],
        )

    def _lines(self, heading, lines):
        if lines:
            self.stdout.write(heading)
            for line in lines:
                self.stdout.write(f"  - {line}")
