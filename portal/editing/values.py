"""Values of a row as an editor reads them: ja and nej, labels of choices, days as days."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from .last_day import LastDayField, last_day_before

EMPTY = "tomt"
UNKNOWN = "finns inte längre"
DIGITS = 18  # what a row's number can have at most


def readable(value, labels=None):
    """labels  {value: what it is called}, for a value that is chosen from a list"""
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if labels:
        return labels.get(value, value)
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j F Y H:i")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return value


def readable_as_sent(field: forms.Field, sent) -> str:
    """What a browser sent for a form's field, or would send: a text, a yes or no, a list."""
    if isinstance(field, forms.ModelChoiceField):
        return ", ".join(_names(field, sent if isinstance(sent, list) else [sent])) or EMPTY
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        keys = sent if isinstance(sent, list) else [sent]
        return ", ".join(str(readable(key, labels)) for key in keys) or EMPTY
    try:
        value = field.to_python(sent)
        return str(readable(last_day_before(value) if isinstance(field, LastDayField) else value))
    except ValidationError:
        return str(sent)


def _flat(choices):
    for key, label in choices:
        yield from label if isinstance(label, (list, tuple)) else [(key, label)]


def _names(field, keys):
    """In the order of the list that the editor chooses from; rows she may not choose unnamed."""
    keys = {key for key in keys if key}
    valid = {key for key in keys if key.isascii() and key.isdigit() and len(key) <= DIGITS}
    rows = field.queryset.filter(pk__in=valid) if valid else []
    names = [str(field.label_from_instance(row)) for row in rows]
    return names + [UNKNOWN] * (len(keys) - len(names))
