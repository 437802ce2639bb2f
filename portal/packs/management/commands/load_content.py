from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.packs.loader import PackRejected, load_pack
from portal.search.index import rebuild
from portal.search.models import SearchEntry


class Command(BaseCommand):
    help = "Läser in ett innehållspaket. Det som en redaktör har ändrat skrivs aldrig över."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="MAPP")

    def handle(self, *args, folder, **options):
        indexed = None
        try:
            # The index belongs to the load: a second try must not find it half done.
            with transaction.atomic():
                report = load_pack(folder)
                # Empty after a migration that changes what is kept of a text.
                if report.changed or not SearchEntry.objects.exists():
                    indexed = rebuild()
        except PackRejected as rejected:
            faults = "\n".join(f"  {error}" for error in rejected.errors)
            raise CommandError(f"Inget lästes in. Rätta och försök igen:\n{faults}") from None
        if report.left_out:
            files = ", ".join(f"{name}.toml" for name in report.left_out)
            self.stdout.write(f"Påhittat och därför utelämnat (PORTAL_DEMO_DATA=0): {files}.")
        for where in report.drafts:
            self.stdout.write(f"Sidan är ändrad här; paketets text blev ett utkast: {where}")
        for where in report.kept:
            self.stdout.write(f"Raden är ändrad här och fick vara som den är: {where}")
        self.stdout.write(
            f"{report.added} nya, {report.updated} uppdaterade, {report.unchanged} oförändrade."
        )
        if indexed is not None:
            self.stdout.write(f"Sökregistret: {indexed} poster.")
