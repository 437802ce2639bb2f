"""Every address that the site itself leads to answers, and every anchor is there."""

import re
from collections import Counter, defaultdict
from urllib.parse import urljoin

import pytest
import time_machine

from tests.conftest import NOW

# The crawl reads the database outside a test, so the tests must say that they need one.
pytestmark = pytest.mark.django_db

HREF = re.compile(r'(?:href|action)="([^"]*)"')
# What a page tells robots and feed readers with its full address; nothing else may.
FULL = re.compile(r'(<link rel="(?:canonical|alternate)"[^>]*?\shref=")http://testserver(?=/)')
# One template makes them for every page: one section's pages stand for all.
ALIKE = re.compile(r"/(?!samverkan/)[a-z0-9-]+/[a-z0-9-]+/(?:utskrift/|versioner/.*|atom\.xml)$")
# Files, pages for who has an account, and the readers' choices, which are pressed.
ASIDE = ("/static/", "/admin/", "/konto/", "/utseende/", "/organisation/min-enhet/")
# And a unit's own forms, which ask for a sign-in.
OWN_FORM = re.compile(r"/(?:redigera|kommentar/\d{4})/$")
ID = re.compile(r'\bid="([^"]+)"')
# The one script of the public pages, on the two where a search begins.
SUGGESTIONS = '<script src="/static/js/search-suggestions.js" defer></script>'


def is_worth_following(source, address):
    """Not each page's print, history and feed; and a choice is tried alone: what a chosen page
    leads to with a choice kept is one more of the same."""
    return not ALIKE.match(address) and not ("?" in source and "?" in address)


@pytest.fixture(scope="module")
def crawl(django_db_setup, django_db_blocker):
    """The whole public site by following links: {address: response text}, and the links."""
    from django.test import Client

    client = Client()
    texts, statuses, links, waiting = {}, {}, [], ["/"]
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=True):
        while waiting:
            url = waiting.pop()
            if url in statuses:
                continue
            response = client.get(url)
            statuses[url] = response.status_code
            if not response.headers["Content-Type"].startswith("text/html"):
                continue
            texts[url] = FULL.sub(r"\1", response.content.decode())
            for link in HREF.findall(texts[url]):
                target, _, anchor = link.replace("&amp;", "&").partition("#")
                if re.match(r"[a-z]+:", target):
                    links.append((url, link))
                    continue
                if target.startswith(ASIDE) or OWN_FORM.search(target):
                    continue
                address = urljoin(url, target)
                links.append((url, f"{address}#{anchor}" if anchor else address))
                if is_worth_following(url, address):
                    waiting.append(address)
    return texts, statuses, links


def test_every_internal_link_answers(crawl):
    _, statuses, links = crawl
    sources = defaultdict(list)
    for source, link in links:
        sources[link.partition("#")[0]].append(source)
    broken = {url: (status, sources[url][:3]) for url, status in statuses.items() if status != 200}

    assert broken == {}
    assert len(statuses) > 200


def test_every_anchor_is_there(crawl):
    texts, _, links = crawl
    ids = {url: set(ID.findall(text)) for url, text in texts.items()}
    missing = {
        (source, link)
        for source, link in links
        if "#" in link and link.startswith("/")
        for url, _, anchor in [link.partition("#")]
        if anchor not in ids.get(url, {anchor})
    }

    assert missing == set()


def test_no_id_stands_twice_on_a_page(crawl):
    texts, _, _ = crawl
    doubled = {
        url: [each for each, count in Counter(ID.findall(text)).items() if count > 1]
        for url, text in texts.items()
    }

    assert {url: ids for url, ids in doubled.items() if ids} == {}


def test_links_by_identity_never_reach_readers(crawl):
    _, _, links = crawl
    schemes = {link.partition(":")[0] for _, link in links if not link.startswith("/")}

    assert schemes <= {"https", "mailto", "tel", "webcal"}


def test_pages_load_nothing_from_other_hosts_and_no_script(crawl):
    texts, _, _ = crawl
    loaded = re.compile(r'<(?:link|img|script|iframe|source)[^>]*(?:href|src)="(?!/)([^"]+)"')
    # What a course tells search engines is an element of data, which no browser runs.
    data = re.compile(r'<script type="application/ld\+json">')
    offending = {
        url: found
        for url, whole in texts.items()
        if (text := whole.replace(SUGGESTIONS, ""))
        and (
            (found := loaded.findall(text)) or "<script" in data.sub("", text) or " style=" in text
        )
    }

    assert offending == {}
    assert {url.partition("?")[0] for url, text in texts.items() if SUGGESTIONS in text} == {
        "/", "/sok/",
    }  # fmt: skip


def test_every_page_has_one_h1_a_language_and_a_title_of_its_own(crawl):
    texts, _, _ = crawl
    plain = {url: text for url, text in texts.items() if "?" not in url}
    titles = Counter(re.search(r"<title>(.*?)</title>", text)[1] for text in plain.values())

    assert {url for url, text in texts.items() if text.count("<h1") != 1} == set()
    assert {url for url, text in texts.items() if '<html lang="sv"' not in text} == set()
    years = re.compile(r"/uppfoljning/indikatorer/[a-z0-9-]+/\d{4}/$")
    pages = Counter(
        re.search(r"<title>(.*?)</title>", text)[1]
        for url, text in plain.items()
        if not years.search(url) and not url.startswith("/uppfoljning/enheter/")
    )
    assert {title for title, count in pages.items() if count > 1} == set()
    assert len(titles) > 150
