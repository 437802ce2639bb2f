import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.audit.chain import verify
from portal.audit.models import Checkpoint
from portal.audit.signing import KeyFault, genuine, public_key

FIELDS = ("number", "digest", "at", "key", "signature")


class Command(BaseCommand):
    help = (
        "Läser hela granskningsloggen och kontrollerar att inget är ändrat, tillagt i efterhand "
        "eller borta. Slutkod 0: hel, 1: något stämmer inte."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--checkpoints",
            type=Path,
            metavar="FIL",
            help="Kontrollpunkter som har sparats utanför databasen (rader från seal_audit).",
        )
        parser.add_argument(
            "--public-key",
            type=Path,
            metavar="FIL",
            help="Den publika nyckeln; annars används PORTAL_AUDIT_KEY_FILE.",
        )

    def handle(self, *args, checkpoints, **options):
        rows = [*Checkpoint.objects.order_by("pk").values(*FIELDS), *_kept(checkpoints)]
        held, faults = [], []
        if rows:
            try:
                key = public_key(options["public_key"] or settings.AUDIT_KEY_FILE)
            except KeyFault as fault:
                raise CommandError(str(fault)) from None
            held, faults = genuine(rows, key)
        verdict = verify(held)
        faults += verdict.faults
        self.stdout.write(
            f"{verdict.links} länkar, {len(held)} giltiga kontrollpunkter, {verdict.erased} poster "
            f"vars värden är raderade, {verdict.waiting} som väntar på sin länk."
        )
        if faults:
            told = "\n".join(f"  {fault}" for fault in faults)
            raise CommandError(f"Granskningsloggen stämmer inte:\n{told}")
        self.stdout.write(f"Granskningsloggen är hel. Kedjan slutar med {verdict.digest}.")


def _kept(path):
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
    except OSError as fault:
        raise CommandError(f"{path} går inte att läsa ({fault.strerror}).") from None
    except ValueError:
        raise CommandError(f"{path} har rader som inte är kontrollpunkter.") from None
    return rows
