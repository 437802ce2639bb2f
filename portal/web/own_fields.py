"""The portal's own models, which rules of the whole house are given to when all are known."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models


def own_fields() -> Iterator[models.Field]:
    """Every column of every model that no library brings."""
    for config in apps.get_app_configs():
        if "site-packages" not in config.path:
            for model in config.get_models():
                yield from model._meta.local_concrete_fields
