"""The long paragraphs and sentences of public texts, kept as fingerprints: what a page says twice
is looked up by an index, and costs the same among many pages as among few."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import connection
from django.utils import timezone

from portal.caching.prepared import Question
from portal.web.batches import batched

from . import page_reading
from .models import Page, PageVersion, Passage, ProcessStep
from .page_reading import PageText, StepText

# Of a passage that stands on very many pages, so many are looked at.
MOST_OF_A_PASSAGE = 20
AT_ONCE = 100


_passages_of = Question(
    lambda versions: Passage.objects.filter(version__in=versions).values_list(
        "pk", "version", "fingerprint"
    )
)


def keep_passages(
    versions: Iterable[PageVersion], steps: Iterable[ProcessStep] | None = None
) -> None:
    """Store what some versions say, with their steps where these are read already. At most four
    queries."""
    versions, steps_of = list(versions), defaultdict(list)
    for step in ProcessStep.objects.filter(version__in=versions) if steps is None else steps:
        steps_of[step.version_id].append(step)
    said = {
        version.pk: page_reading.fingerprints(words_of(version, version.page, steps_of[version.pk]))
        for version in versions
    }
    known = defaultdict(set)
    for pk, version, fingerprint in _passages_of(list(said)):
        known[version].add((pk, fingerprint))
    gone = [pk for version in said for pk, each in known[version] if each not in said[version]]
    if gone:
        Passage.objects.filter(pk__in=gone).delete()
    Passage.objects.bulk_create(
        [
            Passage(version_id=version, fingerprint=each)
            for version in said
            for each in sorted(said[version] - {old for _, old in known[version]})
        ],
        batch_size=2000,
    )


def words_of(version, page, steps) -> PageText:
    """What of a version is compared with other pages; its rows and links are not. Takes rows of
    a migration's models too."""
    return PageText(
        page.slug,
        title=version.title,
        purpose=page.purpose,
        lead=version.lead,
        brief=tuple(version.brief),
        review_note=version.review_note,
        body=version.body,
        steps=tuple(
            StepText(step.anchor, step.title, step.text, step.when, step.documented)
            for step in steps
        ),
    )


_current_number = Question(
    lambda at, page: PageVersion.objects.current(at).filter(page=page).values_list("number")
)
_not_shown_any_more = Question(
    lambda page, at, shown_page, number: (
        Passage.objects.filter(version__page=page)
        .exclude(
            version__in=PageVersion.objects.unexpired(at).filter(
                page=shown_page, number__gte=number
            )
        )
        .values_list("pk")
    )
)


def forget_passages(page: Page) -> None:
    """Take out what earlier versions of a page said, and versions that readers no longer see."""
    now = timezone.now()
    current = [number for (number,) in _current_number(now, page.pk)]
    gone = _not_shown_any_more(page.pk, now, page.pk, max(current, default=0))
    if gone:
        Passage.objects.filter(pk__in=[pk for (pk,) in gone]).delete()


def said_elsewhere(text: PageText, besides: Page) -> dict[int, str]:
    """{fingerprint: slug} of a text's passages that stand on another page that readers see; of
    several pages the first by address."""
    saying = _versions_saying(sorted(page_reading.fingerprints(text)), besides)
    if not saying:
        return {}
    others = (
        PageVersion.objects.live()
        .filter(pk__in={version for _, version in saying})
        .select_related("page__parent")
        .only("page__slug", "page__parent__slug")
    )
    places = {
        version.pk: (version.page.get_absolute_url(), version.page.slug) for version in others
    }
    found: dict[int, tuple[str, str]] = {}
    for fingerprint, version in saying:
        if place := places.get(version):
            found[fingerprint] = min(place, found.get(fingerprint, place))
    return {fingerprint: slug for fingerprint, (_, slug) in found.items()}


def _versions_saying(fingerprints: Collection[int], besides: Page) -> list[tuple[int, int]]:
    """[(fingerprint, version), …], a few of each, of other pages.

    Written as SQL since a limit for each is nothing that the ORM can say on SQLite.
    """
    part = (
        "SELECT * FROM (SELECT fingerprint, version_id FROM guidance_passage said "  # noqa: S608
        "JOIN guidance_pageversion version ON version.id = said.version_id "
        "WHERE fingerprint = %s AND version.page_id <> %s "
        f"ORDER BY version_id LIMIT {MOST_OF_A_PASSAGE}) AS part"
    )
    rows = []
    with connection.cursor() as cursor:
        for some in batched(fingerprints, AT_ONCE):
            # Each part has a name of its own, which PostgreSQL asks for.
            union = " UNION ALL ".join(f"{part}{number}" for number in range(len(some)))
            cursor.execute(union, [each for one in some for each in (one, besides.pk)])
            rows += cursor.fetchall()
    return rows
