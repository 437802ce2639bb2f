"""What the queue sends in a test: the letters, oldest first."""

from django.core import mail

from portal.outbox.actions import send_waiting


def sent_letters():
    """Send what waits, as is done after each answer on a real server."""
    send_waiting()
    return mail.outbox
