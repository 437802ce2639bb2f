"""Approves an import of values, as somebody other than who uploaded it."""

from django.core.management.base import BaseCommand, CommandError

from followup.intake import actions
from followup.models import ImportBatch
from organisation.intake_commands import FAULTS, WRONG_USE
from portal.accounts.models import User


class Command(BaseCommand):
    help = (
        "Godkänner en inläsning av mätvärden som väntar. Slutkod 0: värdena är införda, 1: inget "
        "infört, 2: fel i anropet."
    )

    # As import_values: the site's addresses are no use here.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("batch", type=int, metavar="ID", help="Inläsningens nummer.")
        parser.add_argument(
            "--as", dest="email", required=True, metavar="E-POST", help="Den som godkänner."
        )

    def handle(self, *args, batch, email, **options):
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None or not user.has_perm("followup.import_values"):
            raise CommandError(
                f"{email} är inget konto som får godkänna mätvärden.", returncode=WRONG_USE
            )
        if not -(2**63) <= batch < 2**63 or not ImportBatch.objects.filter(pk=batch).exists():
            raise CommandError(f"Inläsning {batch} finns inte.", returncode=WRONG_USE)
        try:
            plan = actions.approve(batch, by=user)
        except actions.OwnBatch:
            reason = "den som laddade upp filen kan inte själv godkänna den"
        except actions.NotOpen:
            reason = "den väntar inte på godkännande"
        except actions.NotReady as stop:
            for fault in stop.plan.faults:
                self.stdout.write(f"  {fault}")
            reason = "något har ändrats så att den inte längre går att införa"
        else:
            self.stdout.write(
                f"Infört: {len(plan.new)} nya och {len(plan.changed)} ändrade värden."
            )
            return
        raise CommandError(f"Inläsning {batch}: {reason}.", returncode=FAULTS)
