"""Writes that touch several rows: making a version's text ready for readers."""

from collections.abc import Iterable

from django.db import transaction
from django.template.loader import render_to_string

from portal.richtext.links import references, resolve_references
from portal.richtext.sanitise import sanitise
from portal.richtext.sections import split_sections, with_heading_ids, with_scroll_boxes

from .models import Page, PageLink, PageVersion

# Where a page's list is put into its ready-made text.
REGISTER_PLACE = "<!--register-->"
STEPS_ANCHOR = "steg"
HEADING_FOR_STEPS = f'<h3 id="{STEPS_ANCHOR}">'
SOURCES_ANCHOR = "underlag"


@transaction.atomic
def render_version(version: PageVersion) -> None:
    """Store a version's ready-made HTML, its contents list and the pages it links to.

    Sanitises, gives headings ids, turns links by identity into addresses of today, puts
    the process steps where they belong and the sources last. Done when a version is
    published, and again when a page it links to moves or a source changes.
    """
    anchors = set(version.steps.values_list("anchor", flat=True))
    body = with_heading_ids(sanitise(version.body), taken={*anchors, SOURCES_ANCHOR})
    intro, sections = split_sections(body)
    steps = [
        {"row": step, "html": sanitise(step.text)}
        for step in version.steps.prefetch_related("responsible", "informed", "laws", "documents")
    ]
    laws = version.laws.all()
    documents = version.documents.all()
    # The steps stand last in the section that has the heading "steg". Without such a
    # heading each step is a section of its own, first on the page.
    place = [s.anchor for s in sections if s.anchor == STEPS_ANCHOR or HEADING_FOR_STEPS in s.html]
    html = render_to_string(
        "guidance/_version_body.html",
        {
            "version": version,
            "page": version.page,
            "intro": intro,
            "sections": sections,
            "steps": steps,
            "steps_anchor": place[0] if place else "",
            "laws": laws,
            "documents": documents,
            "audiences": version.page.audiences.all(),
            "register_place": REGISTER_PLACE,
        },
    )
    version.rendered = resolve_references(with_scroll_boxes(html))
    step_contents = [] if place else [(s["row"].anchor, s["row"].title) for s in steps]
    version.contents = [
        {"id": anchor, "title": title}
        for anchor, title in [
            *step_contents,
            *((section.anchor, section.title) for section in sections),
            *([(SOURCES_ANCHOR, "Källor och underlag")] if laws or documents else []),
        ]
    ]
    version.save(update_fields=["rendered", "contents"])
    _store_links(version, [version.body, *(step["row"].text for step in steps)])


def _store_links(version, texts):
    wanted = {
        (key, anchor)
        for text in texts
        for scheme, key, anchor in references(sanitise(text))
        if scheme == "sida"
    }
    pages = Page.objects.in_bulk([slug for slug, _ in wanted], field_name="slug")
    version.links.all().delete()
    PageLink.objects.bulk_create(
        PageLink(version=version, target=pages[slug], anchor=anchor)
        for slug, anchor in sorted(wanted)
        if slug in pages
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
