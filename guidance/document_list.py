"""The list of documents, with its filters from the address."""

from django import forms
from django.db.models import Prefetch

from portal.web.filters import choice_filter
from portal.web.panels import Panel

from .models import Document, DocumentVersion

KINDS = [("", "Alla slag"), *((kind.value, kind.label.capitalize()) for kind in Document.Kind)]


def years():
    """The years that some public version is of, the latest first."""
    versions = DocumentVersion.objects.public().values_list("year", "valid_from")
    found = {year or (day and day.year) for year, day in versions} - {None}
    return [("", "Alla år"), *((str(year), str(year)) for year in sorted(found, reverse=True))]


class DocumentFilterForm(forms.Form):
    slag = choice_filter(KINDS, label="Slag", wrong="Välj ett slag i listan.")
    ar = choice_filter(years, label="År", wrong="Välj ett år i listan.")
    aldre = forms.BooleanField(label="Visa även äldre versioner", required=False)


def public_versions():
    """A document's versions without those to come, as `document.versions`."""
    return Prefetch("versions", DocumentVersion.objects.public())


def document_list(request):
    """The panel of the list; without a request it shows all that the checks have to see."""
    form = DocumentFilterForm(request.GET if request else {})
    chosen = form.cleaned_data if form.is_valid() else {}
    documents = Document.objects.prefetch_related(public_versions())
    if kind := chosen.get("slag"):
        documents = documents.filter(kind=kind)
    rows = [
        {"document": document, "versions": versions}
        for document in documents
        if (versions := chosen_versions(document, chosen)) is not None
    ]
    return Panel("guidance/_documents.html", {"rows": rows, "form": form, "chosen": chosen})


def chosen_versions(document, chosen):
    """The versions to show of a document, None to leave it out.

    What has ended is shown only when it is asked for, by "older" or by its year.
    """
    versions, year = document.arranged_versions, chosen.get("ar")
    if year:
        versions = [version for version in versions if str(version.year_shown) == year]
        return versions or None
    if chosen.get("aldre"):
        return versions
    if versions and all(version.has_ended for version in versions):
        return None
    return versions[:1]
