from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.formats import date_format

from portal.accounts.closing import LastSuperuser, close, idle
from portal.accounts.hsa_id import normal_hsa_id
from portal.accounts.models import User

LARGEST_FILE = 1_000_000
UNKNOWN = 3


class Command(BaseCommand):
    help = (
        "Stänger konton för dem som har slutat: inloggningar, grupper, rätter till enheter och "
        "tvåstegsverifiering tas bort. Kontot raderas inte, eftersom historiken nämner det. "
        "Slutkod 3: några av raderna har inget konto."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            metavar="FIL",
            help="En e-postadress eller ett HSA-id per rad, först på raden. Tecknet # börjar en "
            "kommentar.",
        )
        parser.add_argument("--email", action="append", default=[], metavar="ADRESS")
        parser.add_argument("--hsa-id", action="append", default=[], metavar="HSA-ID")
        parser.add_argument("--dry-run", action="store_true", help="Säg bara vad som skulle hända.")
        parser.add_argument(
            "--list-idle",
            type=int,
            metavar="DAGAR",
            help="Visa öppna konton som ingen har loggat in på så många dagar; stäng inget.",
        )

    def handle(self, *args, file, email, hsa_id, dry_run, list_idle, **options):
        if list_idle is not None:
            return self.list_idle(list_idle, [file, *email, *hsa_id])
        names = [*email, *hsa_id, *(_lines(file) if file else [])]
        if not names:
            raise CommandError("Ange en fil, --email, --hsa-id eller --list-idle.", returncode=2)
        closed, before, unknown = 0, 0, []
        for name in dict.fromkeys(names):
            user = _account(name)
            if user is None:
                unknown.append(name)
                continue
            try:
                changed = user.is_active if dry_run else close(user)
            except LastSuperuser:
                raise CommandError(
                    f"{user.email} är den enda superanvändaren och stängdes inte. Gör en annan "
                    "först.",
                    returncode=1,
                ) from None
            closed, before = closed + bool(changed), before + (not changed)
            if changed:
                self.stdout.write(f"{'Skulle stängas' if dry_run else 'Stängt'}: {user.email}")
        done = "skulle stängas" if dry_run else "stängdes"
        self.stdout.write(f"{closed} konton {done}, {before} var stängda redan.")
        if unknown:
            told = "\n".join(f"  {name}" for name in unknown)
            raise CommandError(f"Inget konto finns för:\n{told}", returncode=UNKNOWN)
        return None

    def list_idle(self, days, others):
        if not 1 <= days <= 36_500:
            raise CommandError("Ange dagarna som ett tal från 1 till 36500.", returncode=2)
        if any(others):
            raise CommandError("--list-idle visar bara; ange inga konton.", returncode=2)
        rows = list(idle(days))
        for user in rows:
            seen = date_format(user.last_login, "Y-m-d") if user.last_login else "aldrig"
            staff = ", arbetar i administrationen" if user.is_staff else ""
            self.stdout.write(f"{user.email}: senast inloggad {seen}{staff}")
        self.stdout.write(f"{len(rows)} öppna konton har inte använts på {days} dagar.")


def _lines(path):
    """The first word of each line that has one: addresses and HSA-ids have no blanks."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise CommandError(f"{path} är större än 1 MB.", returncode=2)
        text = content.decode("utf-8-sig")
    except OSError as fault:
        raise CommandError(f"{path} går inte att läsa ({fault.strerror}).", returncode=2) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} är inte text i UTF-8.", returncode=2) from None
    plain = (line.partition("#")[0] for line in text.replace("\0", "").splitlines())
    return [
        word
        for line in plain
        if (word := line.replace(";", " ").replace(",", " ").strip(" \t\"'").split(maxsplit=1))
        and (word := word[0].strip("\"'"))
    ]


def _account(name):
    if "@" in name:
        return User.objects.filter(email__iexact=name).first()
    return User.objects.filter(hsa_id=normal_hsa_id(name)).first()
