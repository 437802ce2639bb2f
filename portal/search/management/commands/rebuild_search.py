from django.core.management.base import BaseCommand

from portal.search.index import rebuild


class Command(BaseCommand):
    help = "Bygger om hela sökindexet."

    def handle(self, *args, **options):
        self.stdout.write(f"{rebuild()} poster i sökindexet.")
