from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.packs.loader import PackRejected, load_pack
from portal.search.index import rebuild


class Command(BaseCommand):
    help = "Läser in ett innehållspaket. Det som en redaktör har ändrat skrivs aldrig över."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="MAPP")

    def handle(self, *args, folder, **options):
        try:
            report = load_pack(folder)
        except PackRejected as rejected:
            faults = "\n".join(f"  {error}" for error in rejected.errors)
            raise CommandError(f"Inget lästes in. Rätta och försök igen:\n{faults}") from None
        for where in report.drafts:
            self.stdout.write(f"Sidan är ändrad här; paketets text blev ett utkast: {where}")
        for where in report.kept:
            self.stdout.write(f"Raden är ändrad här och fick vara som den är: {where}")
        self.stdout.write(
            f"{report.added} nya, {report.updated} uppdaterade, {report.unchanged} oförändrade."
        )
        if report.changed:
            self.stdout.write(f"Sökregistret: {rebuild()} poster.")
