"""Hjälpte sidan dig? From the press of a button to the day that the row is deleted."""

import csv
import io
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guidance import feedback_views
from guidance.feedback_views import FEEDBACK, NO_ANSWER
from guidance.models import Feedback, Page
from portal.publishing.models import VersionState
from portal.web.form_token import form_token
from tests.factories import (
    make_appointment,
    make_feedback,
    make_page,
    make_person,
    make_role,
    make_version,
)
from tests.pages import found, main_of, words

pytestmark = pytest.mark.django_db
PAGE = "/intyg/skriva-bra-intyg/"
QUESTION = "/aterkoppling/skriva-bra-intyg/"
THANKS = f"{QUESTION}tack/"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def token():
    return form_token("aterkoppling")


def answer(client, word="nej", **more):
    return client.post(QUESTION, {"svar": word, "kod": token(), "version": "1", **more})


def receipt_of(client, word="nej"):
    return answer(client, word).url


def write(client, address, text, **more):
    return client.post(address, {"kommentar": text, "kod": token(), "webbplats": "", **more})


def stored():
    return [*Feedback.objects.order_by("pk").values_list("answer", "comment", "status")]


def test_page_asks_at_its_end_without_a_query_or_a_cookie(client):
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(PAGE)
    form = main_of(response).partition('action="/aterkoppling/skriva-bra-intyg/"')[2]

    assert found(r"<button[^>]*>(.*?)</button>", form) == ["Ja", "Delvis", "Nej"]
    assert [query["sql"] for query in queries if "feedback" in query["sql"]] == []
    assert response.cookies == {}


def test_same_page_is_the_same_bytes_for_all_readers(client):
    assert client.get(PAGE).content == Client().get(PAGE).content


@pytest.mark.parametrize(
    ("word", "value"), [("ja", "yes"), ("delvis", "partly"), ("nej", "no")], ids=str
)
def test_press_is_stored_at_once_and_asks_nothing_of_anybody(client, word, value):
    response = answer(client, word)
    row = Feedback.objects.get()

    assert (response.status_code, response.url) == (302, f"{QUESTION}{row.receipt}/")
    assert (row.page.slug, row.version_number, row.answer, row.status, row.comment) == (
        ("skriva-bra-intyg", 1, value, "done", "")
    )
    assert response.cookies == {}


def test_press_works_for_a_browser_without_the_csrf_cookie():
    response = answer(Client(enforce_csrf_checks=True))

    assert response.status_code == 302


def test_comment_makes_the_answer_new_and_thanks(client):
    address = receipt_of(client)
    response = write(client, address, "  Skriv hur länge\r\nintyget gäller. ")

    assert (response.status_code, response.url) == (302, THANKS)
    assert stored() == [("no", "Skriv hur länge\nintyget gäller.", "new")]
    assert Feedback.objects.get().done_at is None
    assert "Tack, din synpunkt är skickad" in words(main_of(client.get(THANKS)))


def test_button_pressed_twice_and_comment_sent_twice_are_stored_once(client):
    first, second = receipt_of(client), receipt_of(client)
    for _ in range(2):
        write(client, first, "Samma text.")

    assert first == second
    assert stored() == [("no", "Samma text.", "new")]


def test_same_answer_a_moment_later_is_another_readers(client, clock):
    receipt_of(client)
    clock.shift(timedelta(seconds=11))
    receipt_of(client)

    assert len(stored()) == 2


def test_writer_may_mend_the_comment_until_somebody_has_read_it(client):
    address = receipt_of(client)
    write(client, address, "Första.")
    write(client, address, "Andra.")
    Feedback.objects.update(status=Feedback.Status.READ)
    late = write(client, address, "Tredje.")

    assert stored() == [("no", "Andra.", "read")]
    assert late.url == QUESTION


def test_receipt_is_open_for_a_day_and_of_its_own_page_only(client, clock):
    address = receipt_of(client)
    other = address.replace("skriva-bra-intyg", "samtycke")

    assert client.get(address).status_code == 200
    assert client.get(other).url == "/aterkoppling/samtycke/"
    clock.shift(timedelta(hours=24, seconds=1))
    assert client.get(address).url == QUESTION


def test_comment_page_does_not_show_what_was_written(client):
    address = receipt_of(client)
    write(client, address, "Hemligt ord.")

    assert "Hemligt" not in client.get(address).content.decode()


@pytest.mark.parametrize("old", ["", "påhittad", "utseende", "for two days"])
def test_old_or_forged_form_stores_nothing_and_says_what_to_do(client, clock, old):
    code = {"utseende": form_token("utseende"), "for two days": token()}.get(old, old)
    clock.shift(timedelta(days=2))
    response = client.post(QUESTION, {"svar": "ja", "kod": code})

    assert response.status_code == 200
    assert FEEDBACK.old in words(main_of(response))
    assert stored() == []


def test_comment_from_an_old_form_stands_in_the_field_to_be_sent_again(client, clock):
    address = receipt_of(client)
    response = write(client, address, "En tanke.", kod="gammal")

    assert FEEDBACK.old in words(main_of(response))
    assert ">\nEn tanke.</textarea>" in response.content.decode()
    assert stored() == [("no", "", "done")]


@pytest.mark.parametrize("word", ["", "kanske", "JA", "ja\x00", "å" * 5000])
def test_odd_answer_gets_the_question_again(client, word):
    response = answer(client, word)

    assert response.status_code == 200
    assert NO_ANSWER in words(main_of(response))
    assert stored() == []


@pytest.mark.parametrize(
    ("sent", "kept"), [("1", 1), ("99", 2), ("3", 2), ("", 2)], ids=lambda value: f"v{value}"
)
def test_version_is_the_one_the_reader_had_if_readers_have_had_it(client, sent, kept):
    page = make_version(page=make_page(slug="prov")).page
    make_version(page=page, number=2)
    make_version(page=page, number=3, state=VersionState.DRAFT)
    client.post("/aterkoppling/prov/", {"svar": "ja", "kod": token(), "version": sent})

    assert Feedback.objects.get().version_number == kept


def test_page_that_readers_do_not_have_takes_no_answers(client):
    make_version(page=make_page(slug="utkast"), state=VersionState.DRAFT)
    make_version(page=make_page(slug="borta"), state=VersionState.WITHDRAWN, end_reason="Slut.")

    for slug in ("utkast", "borta", "finns-inte"):
        for rest in ("", "tack/", "6f1b6f0e-6f0e-4f0e-8f0e-6f0e6f0e6f0e/"):
            address = f"/aterkoppling/{slug}/{rest}"
            assert client.get(address).status_code == 404, address
            assert client.post(address, {"svar": "ja", "kod": token()}).status_code in {404, 405}
    assert stored() == []


def test_form_of_a_renamed_page_still_arrives(client):
    page = make_version(page=make_page(slug="nytt-namn")).page
    page.former_slugs.create(slug="gammalt-namn")
    client.post("/aterkoppling/gammalt-namn/", {"svar": "ja", "kod": token()})

    assert Feedback.objects.get().page == page


# -- what must not be written ------------------------------------------------------------


def test_refused_text_stands_in_the_field_and_nowhere_else(client, caplog):
    address = receipt_of(client)
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        response = write(client, address, "Patienten 19121212-1212 <b>fick</b> nej.")
    page = response.content.decode()

    assert response.status_code == 200
    assert "Texten är inte skickad" in page
    assert "Patienten 19121212-1212 &lt;b&gt;fick&lt;/b&gt; nej.</textarea>" in page
    assert page.count("1212-1212") == 1
    assert stored() == [("no", "", "done")]
    assert "1212-1212" not in caplog.text
    assert not any("1212-1212" in query["sql"] for query in queries)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "ditt svar är redan sparat"),
        (" \r\n ", "ditt svar är redan sparat"),
        ("å" * 2001, "Texten är för lång: 2001 tecken. Korta den till 2000."),
        ("http://a.se https://b.se WWW.c.se", "Skriv högst 2 länkar."),
    ],
)
def test_odd_text_is_refused_with_what_to_do(client, text, told):
    response = write(client, receipt_of(client), text)

    assert response.status_code == 200
    assert told in words(main_of(response))
    assert stored() == [("no", "", "done")]


def test_longest_text_counts_line_breaks_once(client):
    write(client, receipt_of(client), "å\r\n" * 1000)

    assert stored()[0][2] == "new"


def test_signs_that_steer_a_terminal_are_left_out(client):
    write(client, receipt_of(client), "röd\x1b[31m\x00 text")

    assert stored() == [("no", "röd[31m text", "new")]


def test_program_that_fills_the_hidden_field_is_thanked_and_forgotten(client):
    response = write(client, receipt_of(client), "Köp nu", webbplats="http://ond.example")

    assert response.url == THANKS
    assert stored() == [("no", "", "done")]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=300), code=st.text(max_size=60))
def test_any_text_gets_an_answer(client, text, code):
    row = make_feedback(page=Page.objects.get(slug="skriva-bra-intyg"))
    cache.clear()
    address = f"{QUESTION}{row.receipt}/"

    assert write(client, address, text).status_code in {200, 302}
    assert write(client, address, "Text", kod=code).status_code in {200, 302}
    assert client.post(QUESTION, {"svar": text, "kod": code, "version": text}).status_code == 200


# -- floods ------------------------------------------------------------------------------


def test_flood_from_one_address_stops_and_others_go_on(client, monkeypatch):
    monkeypatch.setattr(feedback_views, "FEEDBACK", replace(FEEDBACK, per_hour=3))
    address = receipt_of(client)
    receipt_of(client)
    receipt_of(client)
    refused = answer(client)
    comment = write(client, address, "En tanke.")

    assert (refused.status_code, comment.status_code) == (429, 429)
    assert FEEDBACK.too_many in words(main_of(refused))
    assert "En tanke." in comment.content.decode()
    assert answer(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302


def test_hour_later_the_address_may_again(client, clock, monkeypatch):
    monkeypatch.setattr(feedback_views, "FEEDBACK", replace(FEEDBACK, per_hour=1))
    receipt_of(client)
    assert answer(client).status_code == 429
    clock.shift(timedelta(hours=1))

    assert answer(client).status_code == 302


def test_no_network_address_is_kept_anywhere():
    answer(Client(REMOTE_ADDR="192.0.2.77"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM portal_cache")
        kept = str(cursor.fetchall())

    assert "limit-aterkoppling" in kept
    assert "192.0.2.77" not in kept
    assert "192.0.2.77" not in str(Feedback.objects.values().get())


# -- the queue ---------------------------------------------------------------------------


def member(group, **fields):
    user = get_user_model().objects.create_user(
        f"{group}@example.org", "x", is_staff=True, **fields
    )
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def editor(client):
    client.user = member("redaktör", hsa_id="SE0000000000-P1")
    client.force_login(client.user)
    return client


def changelist(**query):
    return reverse("admin:guidance_feedback_changelist", query=query)


def listed(client, **query):
    return [*client.get(changelist(**query)).context["cl"].queryset]


def test_queue_is_filtered_by_page_status_and_answer(editor):
    mine = make_feedback(answer="yes")
    other = make_feedback(status=Feedback.Status.READ)

    assert listed(editor) == [other, mine]
    assert listed(editor, status__exact="new") == [mine]
    assert listed(editor, answer__exact="no") == [other]
    assert listed(editor, page__id__exact=mine.page_id) == [mine]


def test_queue_of_the_role_that_one_holds(editor):
    role = make_role()
    make_appointment(role=role, person=make_person(hsa_id="SE0000000000-P1"))
    mine = make_feedback(page=make_version(page=make_page(owner=role)).page)
    make_feedback()

    assert listed(editor, ansvar="mina") == [mine]


def handle(client, row, **values):
    address = reverse("admin:guidance_feedback_change", args=[row.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields}
    return client.post(address, {**sent, "_opened": page.context["opened_as"], **values})


def test_status_tells_who_and_when_and_the_readers_words_cannot_be_changed(editor):
    row = make_feedback()
    handle(editor, row, status="read", note="Tas med.", comment="Förfalskat", answer="yes")
    row.refresh_from_db()
    assert (row.status, row.handler, row.done_at, row.note) == (
        ("read", editor.user, None, "Tas med.")
    )
    handle(editor, row, status="done", diary_number="HS 2026-17")
    row.refresh_from_db()

    assert (row.comment, row.answer, row.diary_number) == (
        ("Det saknas ett datum.", "no", "HS 2026-17")
    )
    assert row.done_at is not None


def test_first_page_and_the_pages_own_form_tell_of_feedback(editor):
    row = make_feedback()
    make_feedback(page=row.page, answer="yes", status=Feedback.Status.DONE)
    make_feedback(page=row.page, created_at=timezone.now() - timedelta(days=366), answer="partly")

    index = words(editor.get(reverse("admin:index")).content.decode())
    form = editor.get(reverse("admin:guidance_page_change", args=[row.page_id]))

    assert "Nya synpunkter 2" in index
    assert "Hjälpte sidan? 1 ja, 0 delvis, 1 nej det senaste året." in words(form.content.decode())


def test_export_has_every_field_and_no_formula(editor):
    row = make_feedback(comment='=HYPERLINK("http://ond")\nrad; två', note="@SUM(A1)")
    make_feedback()
    values = {"action": "export_csv", "_selected_action": [row.pk]}
    response = editor.post(changelist(), values)
    text = response.content.decode("utf-8-sig")
    (cells,) = csv.DictReader(io.StringIO(text), delimiter=";")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [*cells] == [
        *("nummer", "kvitto", "inkom", "sida", "adress", "version", "hjälpte sidan"),
        *("kommentar", "läge", "handläggare", "klar", "diarienummer", "anteckning"),
    ]
    assert cells["kommentar"] == '\'=HYPERLINK("http://ond")\nrad; två'
    assert cells["anteckning"] == "'@SUM(A1)"
    assert (cells["hjälpte sidan"], cells["läge"]) == ("nej", "ny")
    assert cells["adress"] == row.page.get_absolute_url()


@pytest.mark.parametrize("group", ["kursansvarig", "uppföljningsansvarig", "enhetschef"])
def test_others_do_not_see_the_queue(client, group):
    make_feedback()
    client.force_login(member(group))

    assert client.get(changelist()).status_code == 403
    assert "synpunkter" not in client.get(reverse("admin:index")).content.decode().lower()


def test_markup_in_a_comment_is_text_in_the_admin(editor):
    row = make_feedback(comment="<script>alert(1)</script>")
    for address in (changelist(), reverse("admin:guidance_feedback_change", args=[row.pk])):
        page = editor.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


# -- the end -----------------------------------------------------------------------------


def purge(*arguments):
    out = io.StringIO()
    call_command("purge_feedback", *arguments, stdout=out)
    return out.getvalue().strip()


def test_what_has_been_done_for_two_years_is_deleted_and_the_rest_stays(settings):
    now = timezone.now()
    old = now - timedelta(days=731)
    gone = make_feedback(status=Feedback.Status.DONE, done_at=old, created_at=old)
    kept = [
        make_feedback(status=Feedback.Status.DONE, done_at=now - timedelta(days=729)),
        make_feedback(created_at=old),
        make_feedback(created_at=old, status=Feedback.Status.ANSWERED),
    ]

    assert purge("--dry-run") == "1 synpunkter äldre än 730 dagar skulle gallras."
    assert Feedback.objects.filter(pk=gone.pk).exists()
    assert purge() == "1 synpunkter äldre än 730 dagar har gallrats."
    assert {*Feedback.objects.all()} == {*kept}
    settings.FEEDBACK_DAYS = 700
    assert purge() == "1 synpunkter äldre än 700 dagar har gallrats."
