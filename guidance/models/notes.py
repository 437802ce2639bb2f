"""What every register's rows can carry."""

from django.db import models


def review_note():
    return models.CharField(
        "återstår att granska",
        max_length=400,
        blank=True,
        help_text="Vad en sakkunnig ska kontrollera. Visas för läsaren.",
    )
