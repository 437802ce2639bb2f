"""Files leave the folder when the last version that has them is gone: one that should never
have been there must not stay."""

from collections.abc import Iterable

from .models import DocumentVersion
from .storage import document_storage


def stored_files() -> set[str]:
    """The names of all files that versions have."""
    return set(DocumentVersion.objects.exclude(file="").values_list("file", flat=True))


def remove_unused(names: Iterable[str]) -> None:
    """Remove those of some stored files that no version has."""
    names = set(names)
    used = DocumentVersion.objects.filter(file__in=names).values_list("file", flat=True)
    for name in names - {*used}:
        document_storage().delete(name)
