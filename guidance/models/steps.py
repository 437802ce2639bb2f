"""What process steps are made of besides their own row."""

from django.core.exceptions import ValidationError

# The rows that a step names: its ready-made text quotes them, and a copy takes them along.
QUOTED_BY_STEPS = ("responsible", "informed", "certificates", "laws", "documents")
LAST_DAY = 3650
DAYS_ADVICE = "Skriv dagar som tal från 1 till 3650 med kommatecken emellan, till exempel 8, 15."


def check_days(days):
    known = isinstance(days, list) and all(
        type(day) is int and 1 <= day <= LAST_DAY for day in days
    )
    if not known or days != sorted({*days}):
        raise ValidationError("Skriv dagar från 1 till 3650, i ordning och var och en en gång.")
