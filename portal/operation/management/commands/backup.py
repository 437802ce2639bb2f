from pathlib import Path

from django.core.management.base import CommandError

from portal.operation import actions
from portal.operation.commands import INCOMPLETE, WRONG_USE, BackupCommand, counted


class Command(BackupCommand):
    help = (
        "Skriver en säkerhetskopia av databasen och dokumenten till en fil, medan portalen "
        "används. Slutkod 0: klar, 1: ingen kopia skrevs, 2: fel i anropet, 3: klar, men filer "
        "saknas."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "path", metavar="FIL", help="Filen, eller en mapp där den får ett namn efter klockan."
        )
        parser.add_argument(
            "--keep", type=int, metavar="ANTAL", help="Behåll så många i mappen; äldre tas bort."
        )

    def handle(self, *args, path, keep, **options):
        target = Path(path).absolute()
        if not target.parent.is_dir():
            raise CommandError(f"Mappen {target.parent} finns inte.", returncode=WRONG_USE)
        if keep is not None and (keep < 1 or not target.is_dir()):
            raise CommandError(
                "--keep är ett antal, minst 1, och gäller när FIL är en mapp.", returncode=WRONG_USE
            )
        outcome = self.run(actions.back_up, target, keep=keep)
        self.say(f"{outcome.path}: {counted(outcome)}.")
        self.say(f"sha256 {outcome.checksum}")
        if outcome.missing:
            for name in outcome.missing:
                self.say(f"  saknas: {name}")
            raise CommandError(
                f"{len(outcome.missing)} dokumentfiler saknas eller är skadade och är inte med i "
                "kopian.",
                returncode=INCOMPLETE,
            )
