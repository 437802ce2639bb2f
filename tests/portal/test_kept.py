"""Parts of pages that are kept between requests."""

import re
from collections import defaultdict
from collections.abc import Iterator, ValuesView
from datetime import timedelta
from threading import Thread
from types import FunctionType

import pytest
from django import forms
from django.db.models import QuerySet
from django.forms import Field
from django.test import RequestFactory
from django.utils import timezone

from organisation.models import Role
from portal.caching import parts, stamp
from portal.caching.parts import kept, while_reading
from portal.caching.prepared import Prepared
from portal.web.filters import row_filter
from portal.web.models import SiteSettings
from tests.factories import make_service_message
from tests.pages import words

PAGE = "/intyg/skriva-bra-intyg/"


@pytest.fixture
def reading(db, settings, tmp_path, monkeypatch):
    """with reading("GET", "/"): … as during a request, with nothing kept before the test."""
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    monkeypatch.setattr(parts, "_shelf", None)
    return lambda method="GET", path="/": while_reading(RequestFactory().generic(method, path))


@pytest.fixture
def made():
    return []


def make(made):
    made.append(True)
    return len(made)


def test_a_part_is_made_once_while_nothing_changes(reading, made):
    for _ in range(3):
        with reading():
            assert kept("del", 1, lambda: make(made)) == 1
    stamp.move()
    with reading():
        assert kept("del", 1, lambda: make(made)) == 2


def test_who_writes_or_edits_reads_the_database(reading, made):
    with reading():
        kept("del", 1, lambda: make(made))
    for request in [("POST", "/"), ("GET", "/admin/"), ("GET", "/konto/mina-enheter/")]:
        with reading(*request):
            kept("del", 1, lambda: make(made))
    kept("del", 1, lambda: make(made))

    assert len(made) == 5


def test_a_request_in_another_thread_keeps_nothing_of_this_one(reading, made):
    with reading():
        kept("del", 1, lambda: make(made))
        thread = Thread(target=lambda: kept("del", 1, lambda: make(made)))
        thread.start()
        thread.join()

    assert len(made) == 2


def test_nothing_is_kept_of_what_does_not_exist(reading):
    asked = []
    with reading():
        kept("del", 1, lambda: asked.append(1))
        kept("del", 1, lambda: asked.append(1))
    assert asked == [1, 1]


def test_there_is_room_for_the_latest(reading):
    """A robot that has read hundreds of pages leaves room for the one that all readers open."""
    with reading():
        for n in range(parts.MOST + 100):
            kept("annan", n, lambda n=n: f"del {n}")
    assert list(parts._shelf.parts["annan"]) == list(range(100, parts.MOST + 100))


def test_readers_own_choices_and_moments_are_told_apart(reading, client, clock):
    """One reader in the dark, one with a unit, one with neither, and a message that begins."""
    SiteSettings.objects.get_or_create(pk=1)
    at = timezone.now() + timedelta(minutes=1)
    make_service_message(text="Driftstopp", starts_at=at, ends_at=at + timedelta(hours=1))

    def ask(**cookies):
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
        return client.get(PAGE).content.decode()

    dark, unit, plain = ask(utseende="dark"), ask(enhet="SE0000000000-E1001"), ask()
    assert ('data-theme="dark"' in dark, 'data-theme="dark"' in unit + plain) == (True, False)
    assert 'aria-pressed="true"' in dark.partition('value="dark"')[2][:30]
    assert 'aria-pressed="true"' in plain.partition('value=""')[2][:30]
    assert unit != plain
    assert (ask(utseende="dark"), ask(enhet="SE0000000000-E1001"), ask()) == (dark, unit, plain)
    assert "Driftstopp" not in words(plain)
    clock.move_to(at, tick=False)
    assert "Driftstopp" in words(ask())


def test_a_reader_with_a_unit_costs_few_queries_once_the_parts_are_kept(
    reading, client, django_assert_num_queries
):
    client.cookies["enhet"] = "SE0000000000-E1001"
    client.get(PAGE)
    with django_assert_num_queries(0):
        client.cookies.clear()
        client.get(PAGE)


def waiting_questions(kept_part):
    """Querysets in a kept part that nobody has read, by the way to them; rows, lists and our own
    shapes are gone through. A form's list has a queryset of its own each time it is shown."""
    found, seen, left = [], set(), [("", kept_part)]
    while left:
        way, part = left.pop()
        if id(part) in seen or isinstance(part, str | bytes | int | float | type | FunctionType):
            continue
        seen.add(id(part))
        if isinstance(part, QuerySet):
            found += [way] if part._result_cache is None else []
            left += [(f"{way}[]", row) for row in part._result_cache or ()]
        elif isinstance(part, dict):
            left += [(f"{way}.{name}", value) for name, value in part.items()]
        elif isinstance(part, list | tuple | set | frozenset | ValuesView):
            left += [(f"{way}[]", value) for value in part]
        elif isinstance(part, Iterator):
            found.append(f"{way} ({type(part).__name__})")
        elif not isinstance(part, Field | Prepared) and hasattr(part, "__dict__"):
            left += [(f"{way}.{name}", value) for name, value in vars(part).items()]
    return found


@pytest.fixture
def waiting(monkeypatch):
    """The ways to what waits to be asked when it is put among what is kept."""
    found = []

    class Watched(dict):
        def __setitem__(self, key, part):
            found.extend(waiting_questions({key: part}))
            super().__setitem__(key, part)

    begin = parts.Shelf.__init__

    def watched(shelf, *arguments):
        begin(shelf, *arguments)
        shelf.parts = defaultdict(Watched)

    monkeypatch.setattr(parts.Shelf, "__init__", watched)
    return found


def test_nothing_that_is_kept_waits_to_be_asked(reading, waiting, client):
    """Two threads that ask the same queryset at once may disturb each other: words of one are
    lost to the other, which asks for columns of a table it has not named."""
    addresses = re.findall("<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").text)
    assert len(addresses) > 100
    for address in addresses:
        assert client.get(address).status_code == 200

    known = parts._shelf.parts
    assert {"register", "panels", "version", "frame", "unit", "figures", "site"} <= known.keys()
    assert waiting == []
    with reading():
        kept("del", 1, lambda: [{"roller": Role.objects.all()}])
    assert waiting == [".1[].roller"]


def test_a_kept_form_asks_with_a_queryset_of_its_own(db):
    choice = row_filter(Role.objects.all(), label="Roll", empty="Alla", wrong="Välj.")

    class Filter(forms.Form):
        roll = choice

    shown = Filter()["roll"]
    queryset = shown.field.queryset
    titles = [str(label) for _, label in shown.field.widget.choices]
    assert titles == ["Alla", *map(str, Role.objects.all())]
    assert queryset._result_cache is None
    assert queryset.query.alias_refcount == {}
