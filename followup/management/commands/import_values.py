"""Values of an indicator and a year by file, into a batch that a second person approves."""

import json as json_text

from django.core.management.base import BaseCommand, CommandError

from followup.intake import actions
from followup.intake.plan import GivenFile
from followup.intake.planning import make_plan
from followup.models import ImportBatch, Indicator
from organisation.intake_commands import FAULTS, SET_ASIDE, WRONG_USE, read_file, year_option
from portal.tables import Fault, FileRefused

DOUBTFUL = (
    "ingen enhet är säkert den som menas. {candidates}Välj enhet på inläsningssidan i portalen."
)


class Command(BaseCommand):
    help = (
        "Läser in en indikators värden för ett år, ur en fil eller ur täljarens och nämnarens "
        "rapporter. Värdena väntar tills någon annan godkänner dem på webbplatsen eller med "
        "approve_batch. Slutkod 0: alla rader med, 1: fel i filen och inget sparat, 2: fel i "
        "anropet, 3: sparat för godkännande, men rader har lagts åt sidan."
    )

    # The site's addresses, which the checks would load, are a third of the memory and no use here.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FIL", help="CSV, XLSX, ODS eller XLS.")
        parser.add_argument("--indicator", required=True, metavar="KOD")
        parser.add_argument("--year", required=True, type=year_option, metavar="ÅR")
        parser.add_argument(
            "--dry-run", action="store_true", help="Visa vad som skulle hända, spara inget."
        )
        parser.add_argument("--json", action="store_true", help="Skriv utfallet som JSON.")

    def handle(self, *args, files, indicator, year, dry_run, json, **options):
        indicator = indicator_option(indicator)
        if len(files) > 2:
            raise CommandError(
                "Ange en fil, eller två: täljarens och nämnarens.", returncode=WRONG_USE
            )
        given = [GivenFile(*read_file(path)) for path in files]
        names = " och ".join(file.name for file in given)
        try:
            plan = make_plan(indicator, year, given)
        except FileRefused as refusal:
            if json:
                errors = [Fault(None, "", "", str(refusal)).as_dict()]
                self.print_json({"files": files, "batch": None, "errors": errors})
            raise CommandError(f"{names}: {refusal}", returncode=FAULTS) from None
        faults = [*plan.faults, *map(doubtful_fault, plan.doubtful)]
        batch = None
        if not faults and not dry_run:
            batch = actions.keep(indicator, year, given, state=ImportBatch.State.WAITING)
        if json:
            told = {"files": [file.name for file in given], "dry_run": dry_run}
            told["batch"] = batch.pk if batch else None
            self.print_json({**told, **plan_dict(plan, faults)})
        else:
            self.print_plan(plan, faults, batch)
        if faults:
            raise CommandError(
                f"{len(faults)} fel i {names}. Inget har sparats.", returncode=FAULTS
            )
        if plan.aside:
            raise CommandError(f"{len(plan.aside)} rader har lagts åt sidan.", returncode=SET_ASIDE)

    def print_json(self, result):
        self.stdout.write(json_text.dumps(result, ensure_ascii=False, indent=2, default=str))

    def print_plan(self, plan, faults, batch):
        self.stdout.write(f"{plan.indicator}, {plan.year}")
        for label, count in (
            ("Nya värden", len(plan.new)),
            ("Ändrade", len(plan.changed)),
            ("Oförändrade", plan.unchanged),
            ("Enheter utan rad i filen", len(plan.missing)),
        ):
            self.stdout.write(f"{label}: {count}")
        for heading, told in (
            ("Fel", faults),
            ("Åt sidan", plan.aside),
            ("Stora ändringar", plan.jumps),
            ("Att tänka på", plan.remarks),
        ):
            if told:
                self.stdout.write(f"{heading}:")
                for fault in told:
                    self.stdout.write(f"  {fault}")
        if batch:
            self.stdout.write(
                f"Inläsning {batch.pk} väntar på godkännande: approve_batch {batch.pk} --as E-POST"
            )
        elif not faults:
            self.stdout.write("Inget har sparats (--dry-run).")


def plan_dict(plan, faults):
    """The plan without the values themselves: output of commands ends up in logs."""
    return {
        "indicator": plan.indicator.code,
        "year": plan.year,
        "rows": plan.rows,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "matched": dict(plan.how),
        "missing": [unit.hsa_id for unit in plan.missing],
        "set_aside": [fault.as_dict() for fault in plan.aside],
        "jumps": [fault.as_dict() for fault in plan.jumps],
        "errors": [fault.as_dict() for fault in faults],
        "warnings": [fault.as_dict() for fault in plan.remarks],
    }


def doubtful_fault(doubtful):
    alike = ", ".join(f"{unit.name} ({unit.hsa_id})" for unit in doubtful.candidates)
    rule = DOUBTFUL.format(candidates=f"Liknar {alike}. " if alike else "")
    return Fault(doubtful.row, "enhet", doubtful.name, rule)


def indicator_option(code):
    indicators = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    indicator = indicators.filter(code=code).first()
    if indicator is None:
        known = ", ".join(indicators.values_list("code", flat=True))
        raise CommandError(
            f"Ingen indikator med egna värden har koden {code}. De som finns är: {known}.",
            returncode=WRONG_USE,
        )
    return indicator
