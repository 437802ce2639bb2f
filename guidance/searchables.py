"""What can be found in guidance: pages, documents, laws, words, certificates, notices."""

import re
from itertools import chain

from django.urls import reverse
from django.utils import timezone

from organisation.models import Forum
from portal.caching.prepared import Question
from portal.richtext.sanitise import plain_text
from portal.richtext.sections import sections_of
from portal.search import sources
from portal.search.sources import Searchable
from portal.web.days import midnight

from . import models
from .document_list import public_versions
from .models import (
    START_SLUG,
    Certificate,
    Document,
    GlossaryTerm,
    LegalReference,
    Notice,
    PageVersion,
    ProcessStep,
)
from .models.pages import Register
from .rendering import SOURCES_ANCHOR

# The start page and the search page are where a search begins, not what it looks for.
NOT_SEARCHED = [START_SLUG, "sok"]
# Lists that are found through their page, since their rows have no address of their own.
FOUND_THROUGH_PAGE = {
    Register.ACCESS_GUIDES: (models.AccessGuide, ["system", "who", "assignment", "steps", "note"]),
    Register.ACTORS: (models.Actor, ["name", "main_task", "involve_when", "contact_how"]),
    Register.AGREEMENTS: (models.Agreement, ["title", "parties", "text", "requirements"]),
    Register.CONSENT_RULES: (models.ConsentRule, ["recipient", "purpose", "answer", "form"]),
    Register.DECISIONS: (models.Decision, ["title", "body", "text"]),
    Register.TIMELINE: (models.Milestone, ["title", "who", "text"]),
    Register.FORUMS: (Forum, ["name", "purpose", "members"]),
    Register.KEY_FIGURES: (models.KeyFigure, ["label", "source"]),
}
# Rows that stand in a list beside its own.
ALSO_FOUND_THROUGH_PAGE = {
    Register.AGREEMENTS: (models.Requirement, ["text", "today"]),
}
# What every entry of the glossary is about: "vad betyder …".
ABOUT_TERMS = "betyder betydelse ord"
# What tells what to do comes before what names it: a page before the word, law or document
# that leads to it. A notice is news today and in the way tomorrow.
DOCUMENT_WEIGHT = 0.8
LAW_WEIGHT = 0.8
TERM_WEIGHT = 0.7
NOTICE_WEIGHT = 0.8
# The view of a process only leads to the guidelines that it is made of.
PROCESS_WEIGHT = 0.85


def chosen(queryset, ids, name="pk"):
    return queryset if ids is None else queryset.filter(**{f"{name}__in": ids})


def words(*parts):
    """Texts and lists of texts as one text."""
    texts = []
    for part in parts:
        texts.extend(map(str, part) if isinstance(part, list) else [str(part or "")])
    return " ".join(filter(None, texts))


def _ends():
    """When versions begin, those of each page from the last."""
    released = PageVersion.objects.released_or_coming().order_by("-number")
    return released.values_list("pk", "page", "publish_at")


def _searched(at=None):
    rows = PageVersion.objects.unexpired(at).exclude(page__slug__in=NOT_SEARCHED)
    return rows.select_related("page__parent")


_pages_of = Question(
    lambda ids: PageVersion.objects.filter(pk__in=ids).order_by().values_list("page")
)
_ends_of_page = Question(lambda page: _ends().filter(page=page))
_steps_of = Question(
    lambda version: ProcessStep.objects.filter(version=version).prefetch_related("certificates")
)
_searched_of = Question(lambda at, ids: _searched(at).filter(pk__in=ids))


def pages(ids=None):
    """Versions that readers see or will see, each while it is its page's current one.

    `ids` are the versions' own. A version ends when it expires or when a later one takes
    over, so that nothing has to be indexed at that time.
    """
    now = timezone.now()
    if ids is None:
        released, rows = _ends(), _searched()
    else:
        # Page by page: asked for several at once, a database may look among all versions.
        ids = list(ids)
        released = chain(*(_ends_of_page(page) for page in {page for (page,) in _pages_of(ids)}))
    ends, next_of = {}, {}
    for pk, page, at in released:
        ends[pk] = next_of.get(page)
        next_of[page] = min(at, next_of.get(page, at))
    if ids is not None:
        # What a later version has taken over from is not read, however many they are.
        rows = _searched_of(now, [pk for pk in ids if not ends.get(pk) or ends[pk] > now])
    lists = {}
    for version in rows:
        until = min(filter(None, [version.expire_at, ends[version.pk]]), default=None)
        if until is None or until > max(now, version.publish_at):
            yield searchable_page(version, until, list_text(version.page.register, lists))


def searchable_page(version, until, list_text):
    page, its_steps = version.page, _steps_of(version.pk)
    steps = [
        (
            step.anchor,
            step.title,
            words(
                step.title,
                plain_text(step.text),
                step.when,
                [f"dag {day}" for day in step.days],
                step.documented,
                [certificate.code for certificate in step.certificates.all()],
                step.kva,
            ),
        )
        for step in its_steps
    ]
    # The same ids as the page's own (guidance.rendering).
    taken = frozenset({*(anchor for anchor, _, _ in steps), SOURCES_ANCHOR})
    intro, sections = sections_of(version.body, taken)
    parts = [(each.anchor, each.title, plain_text(each.html)) for each in sections] + steps
    at = [anchor for anchor, _, _ in parts]
    if page.register_anchor in at:
        place = at.index(page.register_anchor)
        anchor, title, text = parts[place]
        parts[place], list_text = (anchor, title, words(text, list_text)), ""
    return Searchable(
        version.pk,
        version.title,
        page.get_absolute_url(),
        words(version.lead, version.brief, plain_text(intro), list_text),
        sections=tuple(parts),
        review_due=page.next_review,
        keywords=words(page.purpose, headings(version, its_steps)),
        names=page.nav_title,
        weight=PROCESS_WEIGHT if page.register == Register.PROCESS else 1,
        visible_from=version.publish_at,
        visible_until=until,
    )


def headings(version, its_steps):
    """What the parts of a page are about, said in a few words each."""
    inside = [plain_text(heading) for heading in re.findall(r"<h[234].*?</h", version.body, re.S)]
    return inside + [step.title for step in its_steps]


def list_text(register, known):
    """The words of a list that a page shows; `known` keeps them for the next page."""
    if register not in FOUND_THROUGH_PAGE:
        return ""
    if register not in known:
        lists = [each.get(register) for each in (FOUND_THROUGH_PAGE, ALSO_FOUND_THROUGH_PAGE)]
        known[register] = words(
            *(
                getattr(row, name)
                for model, names in filter(None, lists)
                for row in model.objects.all()
                for name in names
            )
        )
    return known[register]


def documents(ids=None):
    for row in chosen(Document.objects.prefetch_related(public_versions()), ids):
        yield Searchable(
            row.pk,
            row.title,
            row.get_absolute_url(),
            words(row.description, row.issuer),
            keywords=words(
                row.code,
                row.get_kind_display(),
                [version.label for version in row.versions.all()],
            ),
            weight=DOCUMENT_WEIGHT,
        )


def laws(ids=None):
    for row in chosen(LegalReference.objects.all(), ids):
        yield Searchable(
            row.pk,
            f"{row.short_name} ({row.number})",
            row.get_absolute_url(),
            words(row.title, row.parts, row.governs),
            names=row.code,
            weight=LAW_WEIGHT,
        )


def terms(ids=None):
    for row in chosen(GlossaryTerm.objects.all(), ids):
        yield Searchable(
            row.pk,
            row.term,
            row.get_absolute_url(),
            row.meaning,
            keywords=f"{ABOUT_TERMS} {row.get_kind_display()}",
            weight=TERM_WEIGHT,
        )


def certificates(ids=None):
    for row in chosen(Certificate.objects.select_related("page__parent"), ids):
        url = (
            row.page.get_absolute_url() if row.page else reverse("guidance:section", args=["intyg"])
        )
        yield Searchable(
            row.pk,
            str(row),
            url,
            words(row.when, row.note, row.issuer),
            keywords=row.get_recipient_display(),
        )


def notices(ids=None):
    """All notices, each from the day it is published."""
    for row in chosen(Notice.objects.all(), ids):
        yield Searchable(
            row.pk,
            row.title,
            row.get_absolute_url(),
            plain_text(row.text),
            weight=NOTICE_WEIGHT,
            visible_from=midnight(row.published_on),
        )


def synonyms():
    return models.Synonym.objects.values_list("words", flat=True)


sources.register("page", "Vägledning", pages)
sources.register("document", "Dokument", documents)
sources.register("law", "Lag", laws)
sources.register("term", "Ordlista", terms)
sources.register("certificate", "Intyg", certificates)
sources.register("notice", "Aktuellt", notices)
sources.register_synonyms(synonyms)
