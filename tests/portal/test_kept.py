"""Parts of pages that are kept between requests."""

from datetime import timedelta
from threading import Thread

import pytest
from django.test import RequestFactory
from django.utils import timezone

from portal.web import kept as kept_parts
from portal.web import stamp
from portal.web.kept import kept, while_reading
from portal.web.models import SiteSettings
from tests.factories import make_service_message
from tests.pages import words

PAGE = "/intyg/skriva-bra-intyg/"


@pytest.fixture
def reading(db, settings, tmp_path, monkeypatch):
    """with reading("GET", "/"): … as during a request, with nothing kept before the test."""
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    monkeypatch.setattr(kept_parts, "_shelf", None)
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


def test_nothing_is_kept_of_what_does_not_exist_and_no_more_than_there_is_room_for(reading):
    asked = []

    def none(n):
        asked.append(n)

    with reading():
        kept("del", 1, lambda: none(1))
        kept("del", 1, lambda: none(1))
        for n in range(400):
            kept("annan", n, lambda: "något")

    assert asked == [1, 1]
    assert len(kept_parts._shelf.parts["annan"]) == kept_parts.MOST


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
