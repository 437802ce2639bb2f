import secrets

from django.core.management.base import BaseCommand

from portal.accounts.models import User

ADDRESS = "admin@example.org"


class Command(BaseCommand):
    help = (
        "Skapar en första administratör, om inget konto finns, och skriver ut lösenordet en gång."
    )

    def handle(self, *args, **options):
        if User.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(ADDRESS, password)
        self.stdout.write(
            "\n  Administratör (visas bara nu, spara lösenordet):\n"
            f"    adress:   /admin/\n    e-post:   {ADDRESS}\n    lösenord: {password}\n"
        )
