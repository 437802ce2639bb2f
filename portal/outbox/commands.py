"""What the commands that send letters say of them, in words and exit codes."""

from django.core.management.base import CommandError


def letters_told(letters):
    sent, waiting = letters.get("sent", 0), letters.get("waiting", 0)
    return f"{sent} brev skickade, {waiting} väntar på nästa försök."


def fail_if_left(letters):
    """Whoever runs it from a timer learns by the exit code that letters are left."""
    if letters.get("waiting") or letters.get("refused"):
        raise CommandError("Alla brev kunde inte skickas. De försöks igen nästa gång.")
