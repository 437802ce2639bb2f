"""A version's ready-made text: what readers' pages wrap, and what texts quote and link to."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.caching.prepared import Question
from portal.richtext.links import references, resolve_references
from portal.richtext.sanitise import sanitise
from portal.richtext.sections import sections_of, with_scroll_boxes

from .glossary_in_text import entries_for, explain
from .models import Page, PageLink, PageVersion, ProcessStep
from .models.pages import Register
from .passages import keep_passages
from .version_parts import lists_of, section_labels

# Where a page's list is put into its ready-made text.
REGISTER_PLACE = "<!--register-->"
STEPS_ANCHOR = "steg"
HEADING_FOR_STEPS = f'<h3 id="{STEPS_ANCHOR}">'
SOURCES_ANCHOR = "underlag"
GLOSSARY_SLUG = "ordlista"


# Without a savepoint: what goes wrong within takes the whole transaction with it.
@transaction.atomic(savepoint=False)
def render_version(version: PageVersion, *, also: Iterable[str] = ()) -> None:
    """Store a version's ready-made HTML, its contents list, the pages it links to and what is
    compared with other pages.

    Done when a version is published, and again when a page it links to moves or a source
    changes.

    also  fields that are changed and not saved yet
    """
    steps = make_ready(version)
    version.save(update_fields=["rendered", "contents", *also])
    quoted = [
        f'<a href="sida:{certificate.page.slug}">{certificate.page.slug}</a>'
        for step in steps
        for certificate in step.certificates.all()
        if certificate.page_id
    ]
    _store_links(version, [version.body, *(step.text for step in steps), *quoted])
    keep_passages([version], steps)


def make_ready(version: PageVersion) -> Sequence[ProcessStep]:
    """Set `rendered` and `contents` without saving, as a preview needs; returns the steps.

    Sanitises, gives headings ids, turns links by identity into addresses of today, puts
    the process steps where they belong and the sources last, and explains hard words.
    """
    lists = lists_of(version)
    laws, documents, rows = lists["laws"], lists["documents"], lists["steps"]
    taken = frozenset({*(step.anchor for step in rows), SOURCES_ANCHOR})
    intro, sections = sections_of(version.body, taken)
    labels = section_labels(version, earlier_versions(version))
    steps = [
        {"row": step, "html": sanitise(step.text), "label": labels.get(f"step {step.uuid}")}
        for step in rows
    ]
    # The steps stand last in the section that has the heading "steg". Without such a
    # heading each step is a section of its own, first on the page.
    place = [s.anchor for s in sections if s.anchor == STEPS_ANCHOR or HEADING_FOR_STEPS in s.html]
    html = render_to_string(
        "guidance/_version_body.html",
        {
            "version": version,
            "page": version.page,
            "intro": intro,
            "sections": [(section, labels.get(f"#{section.anchor}")) for section in sections],
            "steps": steps,
            "steps_anchor": place[0] if place else "",
            "laws": laws,
            "read_laws": [
                law for law in laws if law.needs_check and not version.page.has_unread(law)
            ],
            "documents": documents,
            "register_place": REGISTER_PLACE,
        },
    )
    version.rendered = resolve_references(with_scroll_boxes(html))
    if version.page.register != Register.GLOSSARY:
        url = reverse("guidance:section", args=[GLOSSARY_SLUG])
        version.rendered = explain(version.rendered, entries_for(version.page_id), glossary_url=url)
    step_contents = [] if place else [(s["row"].anchor, s["row"].title) for s in steps]
    version.contents = [
        {"id": anchor, "title": title}
        for anchor, title in [
            *step_contents,
            *((section.anchor, section.title) for section in sections),
            *([(SOURCES_ANCHOR, "Källor och underlag")] if laws or documents else []),
        ]
    ]
    return rows


_seen_before = Question(
    lambda at, page, number: (
        PageVersion.objects.filter(page=page, number__lt=number)
        .seen(at)
        .only("publish_at", "is_major")
        .order_by("-number")
    )
)


def earlier_versions(version: PageVersion) -> list[PageVersion]:
    """What readers will have seen of the page when they see this version, the latest first."""
    if version.number == 1:
        return []
    return _seen_before(version.publish_at or timezone.now(), version.page_id, version.number)


_links_of = Question(
    lambda version: (
        PageLink.objects.filter(version=version).order_by("pk").values_list("target", "anchor")
    )
)


def _store_links(version, texts):
    wanted = {
        (key, anchor)
        for text in texts
        for scheme, key, anchor in references(sanitise(text))
        if scheme == "sida"
    }
    pages = Page.objects.named(slug for slug, _ in wanted) if wanted else {}
    links = [(pages[slug].pk, anchor) for slug, anchor in sorted(wanted) if slug in pages]
    stored = _links_of(version.pk)
    if links != stored:
        if stored:
            version.links.all().delete()
        PageLink.objects.bulk_create(
            PageLink(version=version, target_id=target, anchor=anchor) for target, anchor in links
        )


def render_pages(ids: Iterable[int] | None = None) -> int:
    """Make ready again all texts that readers see or will see, as after a load, or those
    of the given versions among them.

    Approved versions with a time to come are among them: nothing runs at that time. Returns
    how many.
    """
    versions = PageVersion.objects.unexpired().select_related("page__parent")
    if ids is not None:
        versions = versions.filter(pk__in=list(ids))
    for version in versions:
        render_version(version)
    return len(versions)
