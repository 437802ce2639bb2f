"""Pages by the thousand for measuring: invented, and the same each time."""

import random
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from organisation.models import Role
from portal.publishing.models import VersionState
from portal.richtext.sanitise import plain_text
from portal.search.index import count_words, index

from .models import Page, PageVersion
from .passages import keep_passages
from .rendering import make_ready

SEED = 9
# A section with its pages, as large as a side navigation can show.
PAGES_IN_SECTION = 40
# Texts that differ; each is used again with other titles.
TEXTS = 100
SECTIONS_IN_TEXT, WORDS_IN_SECTION = 7, 60
BATCH = 500


def fill(number: int, tell: Callable[[int], None] = lambda done: None) -> int:
    """Make so many published pages, in sections; those that are there already stay. Tells how
    many there are so far, and returns how many were made."""
    made = 0
    draw = random.Random(SEED)  # noqa: S311  (nothing secret: the same pages each time)
    words = _words()
    owners = [*Role.objects.order_by("code")]
    texts = []
    for first in range(0, number, BATCH):
        numbers = range(first, min(first + BATCH, number))
        rows = [_row(n, draw, words, owners) for n in numbers]
        with transaction.atomic():
            made += _store(rows, texts, draw, words)
        tell(numbers[-1] + 1)
    # As after an upgrade, so that search knows which words are common.
    count_words()
    return made


def _words() -> list[str]:
    """The words of the texts that there are, the common ones as often as they stand there."""
    bodies = PageVersion.objects.live().order_by("page__slug").values_list("body", flat=True)
    return [word for body in bodies for word in plain_text(body).split()]


def _row(number, draw, words, owners):
    section, place = divmod(number, PAGES_IN_SECTION)
    title = " ".join(draw.choices(words, k=4)).capitalize()[:100]
    return {
        "slug": f"fyllnad-{section}" if place == 0 else f"fyllnad-{section}-{place}",
        "parent": None if place == 0 else f"fyllnad-{section}",
        "position": 1000 + place,
        "title": f"{title} {number}",
        "owner": draw.choice(owners),
    }


def _store(rows, texts, draw, words):
    known = set(Page.objects.filter(slug__in=[r["slug"] for r in rows]).values_list("slug"))
    rows = [row for row in rows if (row["slug"],) not in known]
    parents = {}
    for of_sections in (True, False):
        chosen = [row for row in rows if (row["parent"] is None) == of_sections]
        wanted = {row["parent"] for row in chosen} - {None, *parents}
        parents |= {page.slug: page for page in Page.objects.filter(slug__in=wanted)}
        pages = Page.objects.bulk_create(
            Page(
                slug=row["slug"],
                parent=parents.get(row["parent"]),
                nav_title=row["title"][:60],
                position=row["position"],
                kind=Page.Kind.GUIDELINE,
                purpose=f"{row['title']}: en sida som bara är till för mätning.",
                owner=row["owner"],
            )
            for row in chosen
        )
        parents |= {page.slug: page for page in pages}
    versions = PageVersion.objects.bulk_create(
        _version(parents[row["slug"]], row, _text(n, texts, draw, words))
        for n, row in enumerate(rows)
    )
    keep_passages(versions)
    index("page", [version.pk for version in versions])
    return len(rows)


def _text(number, texts, draw, words):
    """(body, rendered, contents)"""
    if len(texts) < TEXTS:
        body = "".join(
            f"<h2>{' '.join(draw.choices(words, k=3)).capitalize()}</h2>"
            f"<p>{' '.join(draw.choices(words, k=WORDS_IN_SECTION))}.</p>"
            for _ in range(SECTIONS_IN_TEXT)
        )
        # A page of the demonstration lends what a text has to know of its page.
        model = PageVersion.objects.live().select_related("page__parent").first()
        model.body = body
        make_ready(model)
        texts.append((body, model.rendered, model.contents))
    return texts[number % len(texts)]


def _version(page, row, text):
    body, rendered, contents = text
    return PageVersion(
        page=page,
        title=row["title"],
        lead=f"{row['title']} beskrivs här.",
        brief=[],
        body=body,
        rendered=rendered,
        contents=contents,
        state=VersionState.APPROVED,
        publish_at=timezone.now() - timedelta(days=1),
        review_note="",
    )
