"""Checks of what pages say, over plain data: no queries, no HTTP, no files.

    PageText("samtycke", kind="guideline", body='<h2 id="nar">När</h2><p>…</p>', …)
    check_pages([…], Facts(…))  ->  [Finding("error", "samtycke", "#nar", "link-target", "…"), …]

An error is something a reader meets as broken, or that must not stand on a public page; a
warning is for the editor to judge.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ..page_reading import (
    PageText,
    Reading,
    fingerprints,  # noqa: F401  (a migration asks for it here)
    read,
)
from .findings import ERROR, RULES, Facts, Finding, Note
from .links import check_links
from .page_rules import PAGE_RULES


def check_doubles(reading: Reading, first: dict[int, str]) -> Iterator[Note]:
    """Paragraphs and long sentences that stand on another page, too.

    first  who said what before, {fingerprint: slug}; what the page is first to say is added

    Of a doubled paragraph only that is told, not its sentences.
    """
    slug = reading.page.slug
    for block in reading.blocks:
        if block.paragraph is not None:
            other = first.setdefault(block.paragraph, slug)
            if other != slug:
                yield _double(block.place, "doubled-paragraph", block.text, other)
                continue
        for said, sentence in block.long_sentences:
            other = first.setdefault(said, slug)
            if other != slug:
                yield _double(block.place, "doubled-sentence", sentence, other)


def _double(place, rule, text, other):
    start = " ".join(text.split()[:8])
    advice = "Behåll det på en av dem och länka dit."
    return place, rule, f"”{start} …” står också på sidan ”{other}”. {advice}"


def check_page(
    page: PageText, facts: Facts, *, anchors: Mapping[str, set[str]], doubles: Mapping[int, str]
) -> list[Finding]:
    """What all rules find on one page, errors first.

    anchors  of the other live pages that it links to, by slug
    doubles  passages of its own that stand on another live page, {fingerprint: slug}
    """
    reading = read(page)
    known = _by_all_names({**anchors, page.slug: reading.anchors}, facts)
    notes = [*_notes(reading, facts, known), *check_doubles(reading, dict(doubles))]
    return sorted((_finding(page.slug, note) for note in notes), key=_errors_first)


def check_pages(pages: Iterable[PageText], facts: Facts) -> list[Finding]:
    """All findings of all rules: page by page in the order given, errors first.

    `pages` are all live pages: a link to any other page leads nowhere. What stands on two pages
    is told of the later one.
    """
    readings = [read(page) for page in pages]
    anchors = _by_all_names({each.page.slug: each.anchors for each in readings}, facts)
    first: dict[int, str] = {}
    return [
        finding
        for reading in readings
        for finding in sorted(
            (
                _finding(reading.page.slug, note)
                for note in (*_notes(reading, facts, anchors), *check_doubles(reading, first))
            ),
            key=_errors_first,
        )
    ]


def _by_all_names(anchors, facts):
    former = facts.former_slugs.items()
    return {**anchors, **{old: anchors[new] for old, new in former if new in anchors}}


def _notes(reading, facts, anchors):
    return chain(
        *(rule(reading, facts) for rule in PAGE_RULES), check_links(reading, facts, anchors)
    )


def _finding(slug, note):
    place, rule, message = note
    return Finding(RULES[rule][0], slug, place, rule, message)


def _errors_first(finding):
    return finding.severity != ERROR
