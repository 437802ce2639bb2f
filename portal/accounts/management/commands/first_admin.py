import secrets

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from portal.accounts import demo
from portal.accounts.groups import GROUPS
from portal.accounts.models import User

ADDRESS = "admin@example.org"


class Command(BaseCommand):
    help = (
        "Skapar en första administratör och, i demonstrationen, ett konto för varje grupp, om "
        "inget konto finns. Skriver ut lösenorden en gång."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--email", default=ADDRESS, metavar="ADRESS", help="administratörens e-postadress"
        )

    def handle(self, *args, email, **options):
        if User.objects.exists():
            self.stdout.write(
                "  Konton finns redan, så inget nytt görs. Ett glömt lösenord byts med "
                "manage.py changepassword E-POST."
            )
            return
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} är ingen e-postadress. Inget konto skapades.") from None
        with transaction.atomic():
            password = secrets.token_urlsafe(12)
            User.objects.create_superuser(email, password)
            accounts = self.demo_accounts() if settings.DEMO_DATA else []
        self.stdout.write(
            "\n  Administratör (visas bara nu, spara lösenordet):\n"
            f"    adress:   /admin/\n    e-post:   {email}\n    lösenord: {password}\n"
        )
        if accounts:
            self.stdout.write("  Konton för demonstrationen (visas bara nu):")
            width = max(len(email) for email, _ in accounts)
            for email, secret in accounts:
                self.stdout.write(f"    {email:<{width}}  {secret}")
            self.stdout.write("")

    def demo_accounts(self):
        """One account a group, staff where the group has work in the admin:
        [("redaktor@example.org", password)]."""
        made, users = [], {}
        for group in Group.objects.filter(name__in=GROUPS).order_by("pk"):
            email = f"{slugify(group.name)}@example.org"
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(
                email,
                password,
                first_name="Demo",
                last_name=group.name.capitalize(),
                is_staff=bool(GROUPS[group.name]),
            )
            user.groups.add(group)
            users[group.name] = user
            made.append((email, password))
        return made + demo.furnished(users)
