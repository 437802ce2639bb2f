from portal.operation import actions
from portal.operation.commands import BackupCommand, counted, existing


class Command(BackupCommand):
    help = (
        "Provar att en säkerhetskopia går att läsa tillbaka: läser in den vid sidan av, jämför "
        "antal och kontrollsummor, tar bort den igen och antecknar hur det gick. "
        "Slutkod 0: den går att lita på, 1: det gör den inte, 2: fel i anropet."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="FIL", help="Filen, eller en mapp: den nyaste i den.")

    def handle(self, *args, path, **options):
        outcome = self.run(actions.rehearse, existing(path))
        self.say(f"{outcome.path.name} går att läsa tillbaka: {counted(outcome)} stämmer.")
