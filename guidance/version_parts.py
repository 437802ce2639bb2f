"""A version's texts in parts, and what differs between two versions part by part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone

from portal.caching.prepared import Question, keep
from portal.publishing.difference import Piece, readable, word_difference
from portal.richtext.sanitise import sanitise
from portal.richtext.sections import sections_of
from portal.web.days import add_months

from .models import QUOTED_BY_STEPS, Document, LegalReference, PageVersion, ProcessStep

# What a version's parts are read from, for several versions at once.
READ_WITH = ("laws", "documents", *(f"steps__{name}" for name in QUOTED_BY_STEPS))
# The same of one version, and the pages that its steps lead to.
_LISTS = {
    "laws": Question(lambda version: LegalReference.objects.filter(page_versions=version)),
    "documents": Question(lambda version: Document.objects.filter(page_versions=version)),
    "steps": Question(
        lambda version: ProcessStep.objects.filter(version=version).prefetch_related(
            *QUOTED_BY_STEPS, "certificates__page"
        )
    ),
}
LABEL_MONTHS = 12


@dataclass
class PartDifference:
    """change  "same", "changed", "added" (all of it is new) or "removed" """

    title: str
    change: str
    pieces: list[Piece] = field(default_factory=list)


def lists_of(version: PageVersion) -> dict[str, Sequence]:
    """{"laws": rows, "documents": rows, "steps": rows with what these quote}, as they stand in
    the database unless the version has had them read."""
    read = getattr(version, "_prefetched_objects_cache", {})
    return {name: read[name] if name in read else ask(version.pk) for name, ask in _LISTS.items()}


def read_lists(version: PageVersion) -> None:
    """Have a version keep its lists, for what is done with it before it is changed."""
    for name, rows in lists_of(version).items():
        keep(version, name, list(rows))


def parts_of(version: PageVersion) -> dict[str, tuple[str, str]]:
    """A version's texts as plain text in parts: {key: (title, text)}. A section's key is its
    heading's id, "#nar"; a step's is its identity, which stays when its heading is another."""
    parts = {
        "title": ("Rubrik", version.title),
        "lead": ("Ingress", version.lead),
        "brief": ("I korthet", "\n".join(version.brief)),
    }
    intro, sections = sections_of(version.body)
    parts["intro"] = ("Text före första rubriken", readable(intro))
    for section in sections:
        text = f"{section.title}\n{readable(section.html)}"
        parts[f"#{section.anchor}"] = (f"Avsnittet {section.title}", text)
    for step in version.steps.all():
        parts[f"step {step.uuid}"] = (f"Steget {step.title}", _step_text(step))
    parts["laws"] = ("Lagrum", "\n".join(map(str, version.laws.all())))
    parts["documents"] = ("Dokument", "\n".join(map(str, version.documents.all())))
    parts["review_note"] = ("Återstår att granska", version.review_note)
    return parts


def _step_text(step):
    lines = [step.title, readable(sanitise(step.text)), step.when, step.documented]
    lines += [", ".join(f"dag {day}" for day in step.days)]
    lines += [", ".join(map(str, getattr(step, name).all())) for name in QUOTED_BY_STEPS]
    return "\n".join(line for line in [*lines, ", ".join(step.kva)] if line)


def differences(old: PageVersion, new: PageVersion) -> list[PartDifference]:
    """All parts that one of them has, in the newer one's order."""
    prefetch_related_objects([old, new], *READ_WITH)
    before, after = parts_of(old), parts_of(new)
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        title = (after.get(key) or before[key])[0]
        was, became = before.get(key, ("", ""))[1], after.get(key, ("", ""))[1]
        if was or became:
            found.append(_difference(title, was, became))
    return found


def _difference(title, was, became):
    if was == became:
        return PartDifference(title, "same")
    change = "added" if not was else "changed" if became else "removed"
    return PartDifference(title, change, word_difference(*_below_same_title(title, was, became)))


def _below_same_title(title, *texts):
    """A section's text has its title as its first line, which is told only when it changed."""
    first = title.partition(" ")[2]
    if first and all(not text or text.partition("\n")[0] == first for text in texts):
        return [text.partition("\n")[2] for text in texts]
    return texts


def changed_parts(old: PageVersion, new: PageVersion) -> list[PartDifference]:
    return [part for part in differences(old, new) if part.change != "same"]


@dataclass(frozen=True)
class Label:
    """What is told beside a section's heading, and the first day that it no longer is."""

    word: str
    until: date


def section_labels(version: PageVersion, earlier: Iterable[PageVersion]) -> dict[str, Label]:
    """{key as in parts_of: Label} for the sections and steps of a version.

    earlier  the page's versions before this one that readers have seen, the latest first

    A section is labelled when a major change alters its words, or brings it, against the
    version before. The label has that version's year and stays for twelve months, through
    the versions that follow; of several changes the latest counts. Minor changes give none.
    """
    chain = [version, *earlier]
    moments = [each.publish_at or timezone.now() for each in chain]
    today = timezone.localdate()
    changes = [
        at
        for at, (each, moment) in enumerate(zip(chain[:-1], moments, strict=False))
        if each.is_major and _until(moment) > today
    ]
    if not changes:
        return {}
    compared = {chain[place].pk for at in changes for place in (at, at + 1)}
    # Rows of their own: the version that is made ready may hold steps from before.
    rows = PageVersion.objects.prefetch_related(*READ_WITH).in_bulk(compared)
    parts = {pk: parts_of(row) for pk, row in rows.items()}
    labels: dict[str, Label] = {}
    for at in changes:
        before, after = parts[chain[at + 1].pk], parts[chain[at].pk]
        for key in altered_sections(before, after):
            word = "ändrad" if key in before else "ny"
            year = timezone.localtime(moments[at]).year
            labels.setdefault(key, Label(f"{word} {year}", _until(moments[at])))
    return labels


def altered_sections(before: dict, after: dict) -> list[str]:
    """The sections and steps of the later parts that are new or have other words."""
    return [
        key
        for key, (_, text) in after.items()
        if key.startswith(("#", "step ")) and (key not in before or before[key][1] != text)
    ]


def _until(at: datetime) -> date:
    return add_months(timezone.localtime(at).date(), LABEL_MONTHS)
