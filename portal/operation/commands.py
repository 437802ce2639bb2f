"""What the commands about backups have in common: words and exit codes.

0 done, 1 not done and nothing changed, 2 wrong use, 3 done but files were missing.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from .archive import BackupRefused

FAULTS, WRONG_USE, INCOMPLETE = 1, 2, 3


class BackupCommand(BaseCommand):
    # They look at migrations themselves, and must run on a database that has none.
    requires_system_checks = []

    def say(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def run(self, action, *args, **options):
        """An action's outcome; whatever stops it is told in one line."""
        try:
            return action(*args, say=self.say, **options)
        except BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=FAULTS) from None
        except OSError as fault:
            raise CommandError(
                f"Det gick inte: {fault.strerror or fault}. Inget har ändrats.", returncode=FAULTS
            ) from None
        except DatabaseError as fault:
            raise CommandError(
                f"Databasen svarade med ett fel, och inget har ändrats: {str(fault).strip()}",
                returncode=FAULTS,
            ) from None


def counted(outcome):
    return f"{outcome.rows} rader och {outcome.documents} dokumentfiler"


def existing(text):
    path = Path(text).absolute()
    if not path.exists():
        raise CommandError(f"{text} finns inte.", returncode=WRONG_USE)
    return path
