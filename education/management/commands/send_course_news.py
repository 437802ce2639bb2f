from django.core.management.base import BaseCommand

from education import following
from portal.outbox import actions
from portal.outbox.commands import fail_if_left, letters_told


class Command(BaseCommand):
    help = (
        "Skickar brev till dem som följer utbildningar: nya datum, anmälan som öppnar och "
        "inställda tillfällen, var sak en gång. Raderar adresser som ingen har bekräftat. Kör "
        "gärna varje timme. Slutkod 1 när något brev inte kunde skickas."
    )

    def handle(self, *args, **options):
        forgotten = following.forget_unconfirmed()
        queued = following.queue_news()
        letters = dict(actions.send_waiting())
        self.stdout.write(
            f"{queued} brev om utbildningar lades i kö. {forgotten} obekräftade adresser raderades."
        )
        self.stdout.write(letters_told(letters))
        fail_if_left(letters)
