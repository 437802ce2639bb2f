from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.audit.signing import KeyFault, as_line, in_pem, private_key, sign


class Command(BaseCommand):
    help = (
        "Undertecknar hur lång granskningsloggens kedja är och hur den slutar. Kör varje dag och "
        "spara raden som skrivs på en annan plats än databasen. Nyckeln görs första gången."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--append", type=Path, metavar="FIL", help="Lägg också raden sist i en fil."
        )
        parser.add_argument(
            "--public-key", action="store_true", help="Skriv bara den publika nyckeln."
        )

    def handle(self, *args, append, public_key, **options):
        try:
            key = private_key(settings.AUDIT_KEY_FILE)
        except KeyFault as fault:
            raise CommandError(str(fault)) from None
        if public_key:
            self.stdout.write(in_pem(key.public_key()), ending="")
            return
        checkpoint = sign(key)
        if checkpoint is None:
            self.stdout.write("Granskningsloggen är tom.")
            return
        line = as_line(checkpoint)
        self.stdout.write(line)
        if append:
            try:
                with append.open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")
            except OSError as fault:
                raise CommandError(f"{append} går inte att skriva i ({fault.strerror}).") from None
