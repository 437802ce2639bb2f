"""HSA-ids, the identities of the Swedish catalogue of care units and staff."""

import re

from django.core.validators import RegexValidator
from django.db import models


def normal_hsa_id(text: str) -> str:
    """HSA-ids are compared upper-case and without blanks: " se1-a " → "SE1-A"."""
    return re.sub(r"\s", "", text).upper()


class HsaIdField(models.CharField):
    """An HSA-id, stored and looked up in its normal form. Real catalogues hold ids that do
    not follow the usual SE + organisation number, so only the characters are checked."""

    default_validators = [
        RegexValidator(
            r"^[A-Z0-9][A-Z0-9-]*$", "Skriv HSA-id med bokstäver A–Z, siffror och bindestreck."
        )
    ]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 31)
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        return normal_hsa_id(value) if value else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return normal_hsa_id(value) if value else value
