from django.core.management.base import CommandError

from organisation.intake import import_units
from organisation.intake_commands import WRONG_USE, IntakeCommand
from organisation.models import UnitKind
from organisation.unit_plan import plan_units
from portal.tables.values import day_of


class Command(IntakeCommand):
    help = (
        "Läser in enheter ur en katalogfil. Enheter som inte finns i filen tas aldrig bort. "
        "Slutkod 0: allt inläst, 1: fel i filen och inget sparat, 2: fel i anropet."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--kind",
            default="",
            metavar="KOD",
            help="Enhetstyp för nya rader som inte anger någon.",
        )
        parser.add_argument(
            "--end-missing",
            type=day_of,
            metavar="DATUM",
            help="Avsluta katalogens enheter som inte finns i filen: första dagen som de inte "
            "längre gäller.",
        )

    def plan_or_store(self, name, content, dry_run, options):
        kind = options["kind"]
        codes = list(UnitKind.objects.values_list("code", flat=True))
        if kind and kind not in codes:
            known = ", ".join(codes)
            raise CommandError(
                f"Enhetstypen {kind} finns inte. De som finns är: {known}.", returncode=WRONG_USE
            )
        choices = {"standard_kind": kind, "end_missing": options["end_missing"]}
        if dry_run:
            return plan_units(content, **choices)
        return import_units(name, content, **choices)

    def as_dict(self, plan):
        return {
            "rows": plan.rows,
            "new": [unit_dict(each) for each in plan.new],
            "changed": [unit_dict(each) for each in plan.changed],
            "unchanged": plan.unchanged,
            "missing": [unit.hsa_id for unit in plan.missing],
            "ended": [unit.hsa_id for unit in plan.ending],
            "errors": [fault.as_dict() for fault in plan.faults],
            "warnings": [fault.as_dict() for fault in plan.remarks],
            "ignored_columns": plan.ignored,
        }

    def print_plan(self, plan, dry_run):
        for heading, drafts in (("Nya", plan.new), ("Ändrade", plan.changed)):
            self.stdout.write(f"{heading}: {len(drafts)}")
            for each in drafts:
                self.stdout.write(f"  {each.unit.name} ({each.unit.hsa_id}), rad {each.row}")
                for change in each.differences if heading == "Ändrade" else []:
                    self.stdout.write(f"    {change.label}: {' → '.join(change.as_read)}")
        self.stdout.write(f"Oförändrade: {plan.unchanged}")
        ending = {unit.hsa_id for unit in plan.ending}
        self.stdout.write(f"Ur katalogen men inte i filen: {len(plan.missing)}")
        for unit in plan.missing:
            ends = f", gäller till och med {plan.last_day}" if unit.hsa_id in ending else ""
            self.stdout.write(f"  {unit.name} ({unit.hsa_id}){ends}")
        if plan.hand_made:
            self.stdout.write(f"Upplagda för hand och inte i filen: {plan.hand_made}, orörda")
        self.print_faults(plan)
        if dry_run:
            self.stdout.write("Inget har sparats (--dry-run).")


def unit_dict(draft):
    changes = [{"field": d.field, "old": d.old, "new": d.new} for d in draft.differences]
    return {
        "hsa_id": draft.unit.hsa_id,
        "name": draft.unit.name,
        "row": draft.row,
        "changes": changes,
    }
