"""What the content checks say of one version, with the places to mend, and of all live ones."""

from collections.abc import Iterable

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from portal.caching.prepared import Question

from . import content_checks, page_reading
from .content_checks import ERROR, Finding, check_page
from .models import CertificateRule, Milestone, Page, PageLink, PageVersion
from .page_contents import with_lasting
from .page_reading import PageText
from .page_texts import FIELDS, facts_for, live_versions, page_text, with_text
from .passages import said_elsewhere
from .version_parts import read_lists

# Where a place is written in the page's form; what is not here stands in the text.
FORM_FIELDS = {
    "title": "text-title",
    "lead": "text-lead",
    "brief": "text-brief",
    "review_note": "text-review_note",
    "purpose": "purpose",
    "list": "register",
    "register_anchor": "register_anchor",
    "reviewed_on": "reviewed_on",
    "laws": "text-laws",
}


def findings_of(version: PageVersion) -> list[Finding]:
    """What the rules say of one version, as if it were its page's live one; errors first.

    Reads of other pages only those that the text links to, and what is kept of all of them to
    be looked up: it costs the same however many they are.
    """
    page = version.page
    read_lists(version)
    new = page_text(version, page.get_absolute_url())
    facts = facts_for([new])
    found = check_page(
        new, facts, anchors=anchors_linked_to(new, facts), doubles=said_elsewhere(new, besides=page)
    )
    return [*lost_anchors(page, new), *found]


# From the pages: asked for the versions of several, a database looks among all that are live.
_live_among = Question(
    lambda at, slugs: (
        Page.objects.filter(slug__in=slugs)
        .annotate(
            live=Subquery(PageVersion.objects.live(at).filter(page=OuterRef("pk")).values("pk"))
        )
        .order_by()
        .values_list("slug", "live")
    )
)


def anchors_linked_to(text: PageText, facts: content_checks.Facts) -> dict[str, set[str]]:
    """{slug: anchors} of the live pages that a text links to, read only where an anchor of
    theirs is asked for."""
    wanted: dict[str, set[str]] = {}
    for scheme, key, anchor in content_checks.link_references([text]):
        if scheme == "sida":
            wanted.setdefault(facts.former_slugs.get(key, key), set()).add(anchor)
    wanted.pop(text.slug, None)
    if not wanted:
        return {}
    live = {slug: pk for slug, pk in _live_among(timezone.now(), sorted(wanted)) if pk}
    found = {slug: set() for slug in live}
    by_anchor = [pk for slug, pk in live.items() if wanted[slug] - {""}]
    for version in with_text(PageVersion.objects.filter(pk__in=by_anchor)) if by_anchor else ():
        page = version.page
        read = page_reading.read(page_text(version, page.get_absolute_url()))
        found[page.slug] = read.anchors
    return found


# The anchors of a page that something leads to.
_anchors_led_to = Question(
    lambda linked, milestone, rule: (
        PageLink.objects.filter(target=linked)
        .exclude(anchor="")
        .values_list("anchor")
        .union(
            *(
                model.objects.filter(page=page).order_by().values_list("anchor")
                for model, page in ((Milestone, milestone), (CertificateRule, rule))
            )
        )
    )
)


def lost_anchors(page: Page, after: PageText) -> list[Finding]:
    """Anchors that the new text lacks, although other pages or rules lead to them. The text that
    readers see is read only if there are any."""
    led_to = {anchor for (anchor,) in _anchors_led_to(page.pk, page.pk, page.pk)} - {""}
    if led_to <= page_reading.read(after).anchors:
        return []
    seen = live_versions().filter(page=page).first()
    before = seen and page_text(seen, seen.page.get_absolute_url())
    gone = content_checks.gone_anchors(before, after) if before else set()
    if not gone:
        return []
    linking = (
        PageVersion.objects.live()
        .filter(links__target=page, links__anchor__in=gone)
        .exclude(page=page)
        .annotate(anchor=F("links__anchor"))
        .select_related("page__parent")
    )
    links = sorted(
        (version.page.get_absolute_url(), version.anchor, version.page.slug, version.title)
        for version in linking
    )
    rows = [
        (row.anchor, f"{row._meta.verbose_name} ”{row}”")
        for model in (Milestone, CertificateRule)
        for row in model.objects.filter(page=page).exclude(anchor="")
    ]
    return content_checks.lost_anchors(after, gone, links=[each[1:] for each in links], rows=rows)


def control(version: PageVersion) -> dict:
    """A version held against the rules with the lasting part that waits in it:
    {"errors": [item, …], "warnings": [item, …]}, each item with its text, the address of the
    field to mend it in, and the pages that it concerns."""
    version = PageVersion.objects.select_related("page__parent").get(pk=version.pk)
    with_lasting(version)
    findings = findings_of(version)
    concerned = Page.objects.in_bulk(
        {slug for each in findings for slug in each.pages}, field_name="slug"
    )
    steps = list(version.steps.values_list("anchor", flat=True))
    form = reverse("admin:guidance_page_change", args=[version.page_id])
    items = [
        {
            "severity": each.severity,
            "text": told(each),
            "url": f"{form}#falt-{field_of(each, steps)}",
            "pages": [concerned[slug] for slug in each.pages if slug in concerned],
        }
        for each in findings
    ]
    errors = [each for each in items if each["severity"] == ERROR]
    return {"errors": errors, "warnings": [each for each in items if each not in errors]}


def field_of(finding: Finding, steps: list[str]) -> str:
    anchor = finding.place.removeprefix("#")
    if anchor != finding.place and anchor in steps:
        return f"steg-{steps.index(anchor)}-text"
    return FORM_FIELDS.get(finding.place, "text-body")


def told(finding: Finding) -> str:
    """A finding as a sentence with its place: "ingress: …", "avsnittet #nar: …"."""
    place = f"avsnittet {finding.place}" if finding.place.startswith("#") else finding.place
    return f"{FIELDS.get(finding.place, place).capitalize()}: {finding.message}"


def remember(findings: Iterable[Finding], versions=None) -> None:
    """Store how many errors live versions have, for the list of what waits for an editor.

    versions  those that were checked; all live ones unless some are given
    """
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.page] = counts.get(finding.page, 0) + (finding.severity == ERROR)
    rows = PageVersion.objects.live() if versions is None else versions
    changed = []
    for version in rows.select_related("page").only("pk", "faults", "page__slug"):
        number = min(counts.get(version.page.slug, 0), 999)
        if version.faults != number:
            version.faults = number
            changed.append(version)
    PageVersion.objects.bulk_update(changed, ["faults"], batch_size=200)
