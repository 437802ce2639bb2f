"""What the commands that read a file in have in common: the file, the words, the exit codes.

0 all rows taken, 1 nothing stored because of errors, 2 wrong use, 3 stored with some set aside.
"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.tables import FileRefused
from portal.tables.limits import MOST_BYTES
from portal.web.sensible_days import latest_day

from .intake import ImportStopped

REASONS = {
    FileNotFoundError: "den finns inte",
    IsADirectoryError: "det är en mapp",
    PermissionError: "du har inte rätt att läsa den",
}
FAULTS, WRONG_USE, SET_ASIDE = 1, 2, 3


class IntakeCommand(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FIL", help="CSV, XLSX, ODS eller XLS.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Visa vad som skulle hända, spara inget."
        )
        parser.add_argument("--json", action="store_true", help="Skriv utfallet som JSON.")

    def handle(self, *args, file, dry_run, json, **options):
        name, content = read_file(file)
        try:
            plan = self.plan_or_store(name, content, dry_run, options)
            stopped = plan.faults
        except ImportStopped as stop:
            plan, stopped = stop.plan, stop.plan.faults
        except FileRefused as refusal:
            if json:
                errors = [{"row": None, "column": "", "value": "", "rule": str(refusal)}]
                self.print_json({"file": name, "stored": False, "errors": errors})
            raise CommandError(f"{name}: {refusal}", returncode=FAULTS) from None
        result = self.as_dict(plan)
        if json:
            told = {"file": name, "dry_run": dry_run, "stored": not (dry_run or stopped)}
            self.print_json({**told, **result})
        else:
            self.print_plan(plan, dry_run)
        if stopped:
            raise CommandError(
                f"{len(stopped)} fel i {name}. Inget har sparats.", returncode=FAULTS
            )
        if aside := result.get("set_aside"):
            done = "skulle läsas" if dry_run else "har lästs"
            raise CommandError(
                f"{len(aside)} rader har lagts åt sidan; resten {done} in.", returncode=SET_ASIDE
            )

    def print_json(self, result):
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, default=str))

    def print_faults(self, plan):
        for heading, faults in (("Fel", plan.faults), ("Att tänka på", plan.remarks)):
            if faults:
                self.stdout.write(f"{heading}:")
                for fault in faults:
                    self.stdout.write(f"  {fault}")
        if plan.ignored:
            self.stdout.write(f"Kolumner som inte läses: {', '.join(plan.ignored)}.")


def read_file(path):
    """(name, content); a file too large is read only so far that this is seen."""
    try:
        with Path(path).open("rb") as file:
            return Path(path).name, file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as fault:
        reason = REASONS.get(type(fault), "den går inte att öppna")
        raise CommandError(
            f"Filen {path} kan inte läsas: {reason}.", returncode=WRONG_USE
        ) from None


def year_option(text):
    value = int(text)
    if not 1990 <= value <= latest_day().year:
        raise ValueError
    return value
