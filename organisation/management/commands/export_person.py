import json

from django.core.management.base import BaseCommand, CommandError

from organisation.models import Person
from portal.accounts.hsa_id import normal_hsa_id
from portal.audit.models import Action
from portal.audit.notes import note
from portal.web.personal_data import everything_about, subject_of


class Command(BaseCommand):
    help = (
        "Skriver ut allt som portalen har om en person: uppdrag, historik, konto, brev. Utskriften "
        "är personuppgifter: spara den inte längre än den behövs."
    )

    def add_arguments(self, parser):
        parser.add_argument("hsa_id", metavar="HSA-ID")
        parser.add_argument("--json", action="store_true", help="Skriv som JSON.")

    def handle(self, *args, hsa_id, **options):
        hsa_id = normal_hsa_id(hsa_id)
        found = everything_about(subject_of(hsa_id)) if hsa_id else []
        if not found:
            raise CommandError(f"Ingen uppgift om {hsa_id or 'ett tomt HSA-id'} finns i portalen.")
        ids = Person.objects.filter(hsa_id=hsa_id).values_list("pk", flat=True)
        for pk in [*ids] or [""]:
            note(Action.EXPORT, "organisation.person", pk)
        if options["json"]:
            data = {"hsa_id": hsa_id, "uppgifter": {part.heading: part.rows for part in found}}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"Uppgifter om {hsa_id}")
        for part in found:
            self.stdout.write(f"\n{part.heading} ({len(part.rows)})")
            for row in part.rows:
                self.stdout.write("  - " + "; ".join(f"{name}: {row[name]}" for name in row))
