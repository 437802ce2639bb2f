from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.audit.models import Action
from portal.audit.notes import note
from portal.packs.dumper import dump_pack


class Command(BaseCommand):
    help = "Skriver webbplatsens innehåll som ett paket med fasta datum."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="MAPP")

    def handle(self, *args, folder, **options):
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise CommandError(f"{folder} är inte en tom mapp. Ange en ny eller tom mapp.")
        counts = dump_pack(folder, name=folder.resolve().name)
        note(
            Action.EXPORT, "packs.pack", facts={name: int(count) for name, count in counts.items()}
        )
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
        if (folder / "measurements.csv").exists():
            self.stdout.write(
                "measurements.csv har sanna värden, även små tal som döljs på webbplatsen."
            )
