"""What a test's transaction has noted, written as its commit would write it."""

from django.db import connection

from portal.audit.chain import seal
from portal.audit.models import Entry
from portal.audit.notes import write_waiting


def written() -> list[Entry]:
    entries = write_waiting(connection)
    seal()
    return list(Entry.objects.filter(pk__in=[entry.pk for entry in entries]).order_by("pk"))


def told(entry):
    """(action, model, row, fields) of an entry."""
    return entry.action, entry.model, entry.object_id, entry.fields
