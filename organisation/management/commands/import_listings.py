from django.utils import timezone

from organisation.intake import import_listings
from organisation.intake_commands import IntakeCommand, year_option
from organisation.listing_files import plan_listings


class Command(IntakeCommand):
    help = (
        "Läser in årets lista Vårdenhetsnamn, HSA-id, Antal listade patienter. Slutkod 0: alla "
        "rader inlästa, 1: fel i filen och inget sparat, 2: fel i anropet, 3: inläst, men rader "
        "utan HSA-id eller med okänt id har lagts åt sidan."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--year", type=year_option, metavar="ÅR", help="Året som listan gäller (annars i år)."
        )

    def plan_or_store(self, name, content, dry_run, options):
        listed_in = options["year"] or timezone.localdate().year
        if dry_run:
            return plan_listings(content, year=listed_in)
        return import_listings(name, content, year=listed_in)

    def as_dict(self, plan):
        return {
            "year": plan.year,
            "rows": plan.rows,
            "new": [listing_dict(each) for each in plan.new],
            "changed": [listing_dict(each) for each in plan.changed],
            "unchanged": plan.unchanged,
            "blank": plan.blank,
            "set_aside": [fault.as_dict() for fault in plan.aside],
            "errors": [fault.as_dict() for fault in plan.faults],
            "warnings": [fault.as_dict() for fault in plan.remarks],
            "ignored_columns": plan.ignored,
        }

    def print_plan(self, plan, dry_run):
        self.stdout.write(f"Listade {plan.year}")
        self.stdout.write(f"Nya: {len(plan.new)}")
        self.stdout.write(f"Ändrade: {len(plan.changed)}")
        for each in plan.changed:
            said = f"{each.previous} → {each.listed}"
            self.stdout.write(f"  {each.unit.name} ({each.unit.hsa_id}): {said}")
        self.stdout.write(f"Oförändrade: {plan.unchanged}")
        self.stdout.write(f"Utan uppgift: {plan.blank}")
        if plan.aside:
            self.stdout.write(f"Åt sidan: {len(plan.aside)}")
            for fault in plan.aside:
                self.stdout.write(f"  {fault}")
        self.print_faults(plan)
        if dry_run:
            self.stdout.write("Inget har sparats (--dry-run).")


def listing_dict(each):
    return {
        "hsa_id": each.unit.hsa_id,
        "row": each.row,
        "previous": each.previous,
        "listed": each.listed,
    }
