"""Follow a course by letter: from the form to the day that the address is erased."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from education import following
from education.models import CHOSEN_KINDS, CourseNews, NewsDelivery, Occasion, Subscription
from portal.outbox.models import OutgoingMail
from portal.web.form_token import form_token
from portal.web.personal_data import Subject, everything_about, forget
from tests.conftest import TODAY
from tests.factories import make_course, make_occasion
from tests.pages import main_of, words

pytestmark = pytest.mark.django_db
ANNA = "anna@region.example"
SENT = "/kompetens/folj/skickat/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def ask(client, course=None, **more):
    path = f"{course.get_absolute_url()}folj/" if course else "/kompetens/kalender/folj/"
    data = {
        "epost": ANNA,
        "slag": ["new", "opens", "cancelled"],
        "takt": "at_once",
        "webbplats": "",
        "kod": form_token("folj"),
    }
    return client.post(path, data | more)


def send():
    """What a run of the command sends: [(address, text)]."""
    mail.outbox.clear()
    call_command("send_course_news", verbosity=0)
    return [(letter.to, letter.body) for letter in mail.outbox]


def links(text):
    return re.findall(r"https?://[^/\s]+(/kompetens/folj/\S+)", text)


def follower(course=None, **fields):
    fields = {"address": ANNA, "kinds": CHOSEN_KINDS, "course": course} | fields
    row = Subscription.objects.create(**fields)
    following.confirm(row)
    row.refresh_from_db()
    return row


@pytest.fixture
def known():
    """Everything that stands in the calendar has been noticed."""
    following.notice()


def test_pages_have_the_form_and_set_no_cookie(client):
    course = make_course()
    for path, action in [
        (course.get_absolute_url(), f"{course.get_absolute_url()}folj/"),
        ("/kompetens/kalender/", "/kompetens/kalender/folj/"),
    ]:
        response = client.get(path)
        assert f'action="{action}"' in main_of(response)
        assert response.cookies == {}


def test_nothing_is_followed_until_the_button_is_pressed(client, known):
    course = make_course(title="Intygskurs")
    answer = ask(client, course)

    assert (answer.status_code, answer.url) == (302, SENT)
    [(to, text)] = send()
    assert to == [ANNA]
    assert "om utbildningen Intygskurs på" in text
    [confirm] = links(text)
    page = client.get(confirm)
    assert "Ja, jag vill följa" in words(main_of(page))
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"
    assert Subscription.objects.get().confirmed_at is None

    assert client.post(confirm).status_code == 302
    assert Subscription.objects.get().confirmed_at is not None
    assert "Ja, jag vill följa" not in words(main_of(client.get(confirm)))


def test_letters_in_the_queue_hold_no_address_and_no_text(client):
    ask(client)
    row = OutgoingMail.objects.get()

    assert (row.to, row.body, row.is_confidential) == ("", "", True)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"epost": ""}, "Skriv hela e-postadressen, till exempel namn@region.example."),
        ({"epost": "anna"}, "Skriv hela e-postadressen, till exempel namn@region.example."),
        ({"epost": "a@b.se\nBcc: c@d.se"}, "Skriv hela e-postadressen"),
        ({"epost": "a\x00@b.se"}, "Null"),
        ({"epost": f"{'a' * 60}@{'b.' * 200}se"}, "E-postadressen kan ha högst 254 tecken."),
        ({"epost": "19811218-9876@b.se"}, "Det ser ut att stå ett personnummer här."),
        ({"slag": []}, "Välj minst en sak att få brev om."),
        ({"slag": ["allt"]}, "Välj bland sakerna i listan."),
        ({"takt": "varje sekund"}, "Välj hur ofta du vill ha brev."),
        ({"kod": "gammal"}, "Sidan hade legat öppen för länge."),
    ],
)
def test_bad_form_is_told_and_stores_nothing(client, sent, message):
    answer = ask(client, **sent)

    assert answer.status_code == 200
    assert message in words(main_of(answer))
    assert not Subscription.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_program_gets_the_same_answer_and_stores_nothing(client):
    assert ask(client, webbplats="x").url == SENT
    assert not Subscription.objects.exists()


def test_known_address_gets_the_same_answer_and_keeps_what_it_has(client):
    row = follower(kinds=["new"])
    answer = ask(client, slag=["cancelled"])

    assert answer.url == SENT
    row.refresh_from_db()
    assert (row.kinds, row.confirmed_at is None) == (["new"], False)


def test_address_gets_five_questions_a_day_whoever_asks(client):
    for _ in range(7):
        assert ask(client, epost="ANNA@region.example").url == SENT

    assert Subscription.objects.count() == OutgoingMail.objects.count() == 5


def test_network_is_limited(client):
    for number in range(60):
        ask(client, epost=f"a{number}@region.example")
    answer = ask(client, epost="sist@region.example")

    assert answer.status_code == 429
    assert "Vänta en stund" in words(main_of(answer))
    assert Subscription.objects.count() == 60


def test_newer_yes_replaces_an_older_about_the_same(client):
    course = make_course()
    first, other = follower(course, kinds=["new"]), follower(make_course())
    second = follower(course, kinds=["cancelled"])

    assert [*Subscription.objects.order_by("pk")] == [other, second]
    following.confirm(second)
    following.confirm(first)  # its page was open; it is gone and stays gone
    assert [*Subscription.objects.order_by("pk")] == [other, second]


def test_confirmed_twice_is_confirmed_once(client, known):
    row = Subscription.objects.create(address=ANNA, kinds=["new"])
    stale = Subscription.objects.get()
    following.confirm(row)
    told = Subscription.objects.get().confirmed_at
    following.confirm(stale)

    assert Subscription.objects.get().confirmed_at == told


def test_leaving_by_button_erases_the_address(client, known):
    row = follower()
    path = f"/kompetens/folj/{following.token_of(row)}/sluta/"

    assert "Sluta följa?" in words(main_of(client.get(path)))
    assert Subscription.objects.count() == 1
    for _ in range(2):  # pressed twice
        answer = client.post(path)
        assert answer.status_code == 200
        assert "Din adress är raderad" in words(main_of(answer))
    assert not Subscription.objects.exists()
    assert "Din adress är raderad" in words(main_of(client.get(path.removesuffix("sluta/"))))


def test_mail_program_leaves_by_one_post(known):
    course = make_course()
    follower(course)
    make_occasion(course=course)
    send()
    [letter] = mail.outbox
    [path] = links(letter.extra_headers["List-Unsubscribe"].strip("<>"))
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Subscription.objects.exists()


def test_leaving_throws_away_the_letter_that_waits(known):
    course = make_course()
    row = follower(course)
    make_occasion(course=course)
    assert following.queue_news() == 1
    following.leave(row)

    assert send() == []
    assert not OutgoingMail.objects.exists()
    assert [*NewsDelivery.objects.values_list("subscription", "count")] == [(None, 1)]


@pytest.mark.parametrize("token", ["x", "a:b", "0" * 32, "%00", "å:ä"])
def test_strange_link_is_not_found(client, token):
    for end in ("", "sluta/"):
        for method in (client.get, client.post):
            assert method(f"/kompetens/folj/{token}/{end}").status_code == 404


def test_each_event_is_told_once(known):
    course = make_course(title="Intygskurs")
    follower(course)
    make_occasion(title_suffix="annan kurs")
    occasion = make_occasion(
        course=course,
        town="Norrby",
        registration_opens=TODAY + 3 * DAY,
        registration_closes=TODAY + 9 * DAY,
    )
    [(to, text)] = send()
    assert to == [ANNA]
    assert "\nNya datum\n- Intygskurs, 7 december 2026 kl. 09.00, Norrby. Öppnar 26 " in text
    assert "annan kurs" not in text
    assert send() == []

    Occasion.objects.filter(pk=occasion.pk).update(registration_opens=TODAY)
    [(_, text)] = send()
    assert "\nAnmälan har öppnat\n- Intygskurs, 7 december 2026 kl. 09.00, Norrby. Öppen." in text
    assert "Nya datum" not in text
    assert send() == []

    Occasion.objects.filter(pk=occasion.pk).update(cancelled_on=TODAY, cancel_reason="Förkylning.")
    [(_, text)] = send()
    assert "\nInställt\n- Intygskurs, 7 december 2026 kl. 09.00, Norrby. Orsak: Förkylning." in text
    assert send() == []
    assert [*NewsDelivery.objects.order_by("pk").values_list("count", flat=True)] == [1, 1, 1]


def test_only_chosen_kinds_are_told(known):
    course = make_course()
    follower(course, kinds=["cancelled"])
    occasion = make_occasion(course=course)
    assert send() == []
    Occasion.objects.filter(pk=occasion.pk).update(cancelled_on=TODAY, cancel_reason="Sjuk.")

    assert len(send()) == 1


def test_what_stood_before_is_not_news():
    """The first run of all, with a follower who came before it."""
    course = make_course()
    make_occasion(course=course)
    follower(course)

    assert send() == []
    assert CourseNews.objects.filter(occasion__course=course).count() == 1


def move(occasion, by):
    for session in occasion.sessions.all():
        session.starts, session.ends = session.starts + by, session.ends + by
        session.save()


def test_moved_date_is_told_once_with_where_it_was(known):
    course = make_course(title="Intygskurs")
    follower(course, kinds=["new"])
    follower(course, address="bo@example.org", kinds=["opens", "cancelled"])
    occasion = make_occasion(course=course)
    assert [to for to, _ in send()] == [[ANNA]]

    move(occasion, 2 * DAY)
    [(to, text)] = send()
    assert to == [ANNA]
    assert (
        "\nFlyttat\n- Intygskurs, 9 december 2026 kl. 09.00. Var förut 7 december 2026 kl. 09.00. "
        "Öppen.\n" in text
    )
    assert "Nya datum" not in text
    assert send() == []

    # Back again is a move of its own; to and fro before a letter is none.
    move(occasion, -2 * DAY)
    [(_, text)] = send()
    assert "- Intygskurs, 7 december 2026 kl. 09.00. Var förut 9 december 2026" in text
    move(occasion, 2 * DAY)
    following.notice()
    move(occasion, -2 * DAY)
    assert send() == []


def test_move_before_the_first_letter_is_a_new_date(known):
    course = make_course()
    follower(course)
    occasion = make_occasion(course=course)
    following.notice()
    move(occasion, 2 * DAY)
    [(_, text)] = send()

    assert "\nNya datum\n" in text
    assert "9 december 2026" in text
    assert "Flyttat" not in text


def test_changed_seats_and_an_occasion_noticed_without_times_are_no_moves(known):
    course = make_course()
    follower(course)
    occasion = make_occasion(course=course)
    assert len(send()) == 1
    CourseNews.objects.update(times="")
    Occasion.objects.filter(pk=occasion.pk).update(seats_left=9)

    assert send() == []
    assert CourseNews.objects.get(occasion=occasion).starts == occasion.starts


def test_two_runs_notice_one_move(known):
    occasion = make_occasion()
    following.notice()
    move(occasion, DAY)

    assert (following.notice(), following.notice()) == (1, 0)
    assert [*CourseNews.objects.filter(occasion=occasion).values_list("kind", flat=True)] == [
        "moved", "new",
    ]  # fmt: skip


def test_week_is_gathered_in_one_letter(known, clock):
    start = timezone.now()
    course = make_course()
    follower(course, rhythm="weekly")
    for days in (1, 3):
        clock.move_to(start + days * DAY)
        make_occasion(course=course)
        assert send() == []
    clock.move_to(start + 7 * DAY + timedelta(minutes=1))
    [(_, text)] = send()

    assert text.count("\n- ") == 2
    assert send() == []


def test_two_runs_at_once_queue_one_letter(known):
    course = make_course()
    row = follower(course)
    make_occasion(course=course)
    following.notice()
    last = CourseNews.objects.latest("pk").pk

    assert [following._queue_letter(row, last, 1) for _ in range(2)] == [True, False]
    assert OutgoingMail.objects.count() == NewsDelivery.objects.count() == 1


def test_occasion_cancelled_before_the_letter_leaves_is_not_a_new_date(known):
    course = make_course()
    follower(course, kinds=["new"])
    occasion = make_occasion(course=course)
    following.queue_news()
    Occasion.objects.filter(pk=occasion.pk).update(cancelled_on=TODAY, cancel_reason="Sjuk.")

    assert send() == []


def test_number_of_queries_does_not_grow_with_what_is_told(known, django_assert_max_num_queries):
    course = make_course()
    follower(course)
    for _ in range(30):
        make_occasion(course=course)
    with django_assert_max_num_queries(30):
        assert len(send()) == 1


def test_unconfirmed_address_goes_after_seven_days(client, clock):
    start = timezone.now()
    ask(client)
    clock.move_to(start + 7 * DAY - timedelta(minutes=1))
    call_command("send_course_news", verbosity=0)
    assert Subscription.objects.count() == 1
    clock.move_to(start + 7 * DAY + timedelta(minutes=1))
    call_command("send_course_news", verbosity=0)

    assert not Subscription.objects.exists()


def test_erased_person_is_forgotten(known):
    follower()
    follower(address="annan@region.example")
    subject = Subject("SE0-1", addresses={"Anna@region.example"})

    assert next(held.heading for held in everything_about(subject)) == "Följer utbildningar"
    assert "Utbildningar som följdes: 1." in forget(subject).gone
    assert [row.address for row in Subscription.objects.all()] == ["annan@region.example"]
