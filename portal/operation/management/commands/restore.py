from pathlib import Path

import environ
from django.core.management.base import CommandError
from django.db import connections

from portal.operation import actions
from portal.operation.commands import WRONG_USE, BackupCommand, counted, existing
from portal.operation.rows import extra_connection

ELSEWHERE = "restored"


class Command(BackupCommand):
    help = (
        "Läser tillbaka en säkerhetskopia. Den läses in vid sidan av och jämförs med sina "
        "kontrollsummor; först därefter byts databasens innehåll, allt eller inget. "
        "Slutkod 0: klar, 1: inget ändrat, 2: fel i anropet."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FIL")
        parser.add_argument(
            "--to",
            metavar="DATABAS",
            help="En annan databas, som en adress i DATABASE_URL. Dess innehåll ersätts.",
        )
        parser.add_argument(
            "--documents", metavar="MAPP", help="Dit dokumentens filer läggs; krävs med --to."
        )
        parser.add_argument("--yes", action="store_true", help="Fråga inte först.")

    def handle(self, *args, file, to, documents, yes, **options):
        path = existing(file)
        if bool(to) != bool(documents):
            raise CommandError("--to och --documents anges tillsammans.", returncode=WRONG_USE)
        if not yes:
            self.ask(to)
        if not to:
            outcome = self.run(actions.restore, path)
        else:
            folder = Path(documents).absolute()
            with extra_connection(ELSEWHERE, settings_of(to)):
                outcome = self.run(actions.restore, path, to=ELSEWHERE, folder=folder)
        self.say(f"{counted(outcome)} är återlästa. Alla får logga in igen.")

    def ask(self, to):
        place = "Den andra databasens" if to else "Portalens"
        self.say(f"{place} innehåll ersätts av säkerhetskopians. Skriv ja för att fortsätta.")
        try:
            answer = input()
        except EOFError:  # nobody to ask, as in a timer
            answer = ""
        if answer.strip().casefold() != "ja":
            rule = "Avbrutet. Inget har ändrats. Med --yes ställs ingen fråga."
            raise CommandError(rule, returncode=WRONG_USE)


def settings_of(address):
    """A database's settings from an address, with what Django and our own settings add."""
    try:
        given = environ.Env.db_url_config(address)
    except (ValueError, environ.ImproperlyConfigured):
        given = {}
    if not given.get("ENGINE") or not given.get("NAME"):
        raise CommandError(
            "--to är en adress som postgres://användare:lösenord@värd/databas eller "
            "sqlite:////mapp/fil.sqlite3.",
            returncode=WRONG_USE,
        )
    same = connections["default"].settings_dict
    options = same["OPTIONS"] if given["ENGINE"] == same["ENGINE"] else {}
    if given["ENGINE"].endswith("sqlite3") and not options:
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20}
    return {**same, **given, "OPTIONS": {**options, **given.get("OPTIONS", {})}, "TEST": {}}
