"""A term of occasions, a copy and a cancellation, by the rules and by the admin's pages."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from education.actions import Term, at, cancel_occasion, copy_occasion, make_term
from education.models import Occasion, OccasionState, Session
from portal.web.red_days import red_day
from tests.conftest import NOW, TODAY
from tests.factories import make_course, make_occasion
from tests.pages import words

pytestmark = pytest.mark.django_db
SWEDEN = ZoneInfo("Europe/Stockholm")
TERM = "/admin/education/occasion/termin/"
DAY = timedelta(days=1)
MONDAY, WEDNESDAY, THURSDAY = 0, 2, 3


@pytest.fixture
def user():
    user = get_user_model().objects.create_user("k@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="kursansvarig"))
    return user


def term(**fields):
    defaults = {
        "weekday": WEDNESDAY,
        "first": date(2027, 1, 11),
        "last": date(2027, 1, 31),
        "starts": time(13),
        "ends": time(15, 30),
    }
    if "course" not in fields:
        fields["course"] = make_course()
    return Term(**defaults | fields)


def days(rule):
    return [each.day for each in rule.plan() if not each.left_out]


def message(rule):
    with pytest.raises(ValidationError) as fault:
        rule.plan()
    return fault.value.messages


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 1, 6), "trettondedag jul"),
        (date(2027, 3, 26), "långfredagen"),
        (date(2027, 3, 29), "annandag påsk"),
        (date(2027, 5, 6), "Kristi himmelsfärdsdag"),
        (date(2027, 6, 25), "midsommarafton"),
        (date(2027, 6, 26), "midsommardagen"),
        (date(2026, 10, 31), "alla helgons dag"),
        (date(2027, 11, 6), "alla helgons dag"),
        (date(2027, 5, 7), ""),
    ],
)
def test_red_days(day, name):
    assert red_day(day) == name


def test_every_such_weekday_of_the_period():
    assert days(term()) == [date(2027, 1, 13), date(2027, 1, 20), date(2027, 1, 27)]


def test_only_some_weeks_and_not_others():
    rule = term(weeks={2, 3, 4}, skipped={3})

    assert days(rule) == [date(2027, 1, 13), date(2027, 1, 27)]
    assert [each.left_out for each in rule.plan()] == ["", "veckan är vald bort", ""]


def test_week_53_is_that_of_new_year():
    rule = term(weekday=THURSDAY, first=date(2026, 12, 1), last=date(2027, 1, 20), weeks={53, 1})
    assert [(each.day, each.week, each.left_out) for each in rule.plan()] == [
        (date(2026, 12, 31), 53, "nyårsafton"),
        (date(2027, 1, 7), 1, ""),
    ]


def test_week_that_the_period_lacks_is_told():
    assert message(term(weeks={2, 53})) == ["Vecka 53 har ingen sådan dag i perioden."]


def test_red_day_is_told_when_it_is_kept():
    rule = term(first=date(2027, 1, 4), last=date(2027, 1, 10), skip_red=False)

    assert [(each.red, each.left_out) for each in rule.plan()] == [("trettondedag jul", "")]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"last": date(2027, 1, 1)}, "Sista dagen kan inte komma före den första."),
        ({"last": date(2029, 1, 1)}, "Välj en period på högst 400 dagar."),
        ({"ends": time(13)}, "Sluttiden måste komma efter starttiden."),
        ({"last": date(2027, 1, 12)}, "Ingen dag passar. Kontrollera veckodag och period."),
    ],
)
def test_bad_rule_is_told(fields, told):
    assert message(term(**fields)) == [told]


def test_sixty_at_once_is_the_most(monkeypatch):
    rule = term(last=date(2028, 2, 1), skip_red=False)
    assert len(rule.plan()) == 55
    monkeypatch.setattr("education.actions.MOST_AT_ONCE", 54)

    assert message(rule) == ["Det blir fler än 54 tillfällen. Välj en kortare period."]


def test_hours_stay_the_same_over_both_nights_when_clocks_change(user):
    made = [
        *make_term(term(first=date(2027, 3, 22), last=date(2027, 4, 4)), by=user, format="digital"),
        *make_term(
            term(first=date(2027, 10, 25), last=date(2027, 11, 7)), by=user, format="digital"
        ),
    ]
    sessions = Session.objects.filter(occasion__in=made).order_by("starts")

    assert [f"{each.starts.astimezone(SWEDEN):%m-%d %H:%M %z}" for each in sessions] == [
        "03-24 13:00 +0100",
        "03-31 13:00 +0200",
        "10-27 13:00 +0200",
        "11-03 13:00 +0100",
    ]


def test_hour_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError) as fault:
        at(date(2027, 3, 28), time(2, 30))

    assert fault.value.messages == ["Klockan ställs om 2027-03-28: tiden 02.30 finns inte då."]
    assert at(date(2027, 10, 31), time(2, 30)).astimezone(SWEDEN).hour == 2


def test_term_is_made_once_and_each_is_its_own(user):
    course = make_course(slug="intyg")
    rule = term(course=course)
    made = make_term(
        rule, by=user, closes_before=7, format="onsite", town="Norrby", seats_total=9, seats_left=9
    )

    assert [(each.uid, each.registration_closes) for each in made] == [
        ("intyg-20270113-kl1300", date(2027, 1, 6)),
        ("intyg-20270120-kl1300", date(2027, 1, 13)),
        ("intyg-20270127-kl1300", date(2027, 1, 20)),
    ]
    assert make_term(rule, by=user, format="onsite") == []
    assert Occasion.objects.filter(course=course).count() == 3
    assert made[0].history.get().history_user == user
    public = Occasion.objects.public().get(pk=made[0].pk)
    assert (public.ends - public.starts, public.state()) == (
        timedelta(hours=2, minutes=30),
        OccasionState.OPEN,
    )


def test_no_day_and_hour_is_taken_for_a_personal_identity_number(user):
    """On 10 February the hour would be the end of a right number."""
    made = make_term(term(last=date(2027, 3, 31)), by=user, format="onsite")

    assert len(made) == 12
    cancel_occasion(made[4], on=TODAY, reason="Sjuk", by=user)


def test_fault_in_one_stores_none(user):
    with pytest.raises(ValidationError):
        make_term(term(), by=user, format="onsite", place="19811218-9876")

    assert not Occasion.objects.filter(place__contains="1981").exists()
    assert not Session.objects.filter(starts__date=date(2027, 1, 13)).exists()


def test_copy_keeps_hours_and_spaces_between_days(user):
    course = make_course(slug="intyg")
    old = make_occasion(
        course=course,
        starts=datetime(2027, 3, 22, 9, tzinfo=SWEDEN),
        registration_closes=date(2027, 3, 15),
        seats_total=20,
        seats_left=0,
        cancelled_on=TODAY,
        cancel_reason="Sjuk.",
        town="Norrby",
    )
    second = datetime(2027, 3, 24, 13, tzinfo=SWEDEN)
    Session.objects.create(
        occasion=old, starts=second, ends=second + timedelta(hours=1), title="Dag 2"
    )
    new = copy_occasion(old, day=date(2027, 3, 27), title_suffix="vår", by=user)

    assert new.uid == "intyg-20270327-kl0900"
    assert [
        (f"{each.starts.astimezone(SWEDEN):%m-%d %H:%M}", each.title)
        for each in new.sessions.order_by("starts")
    ] == [("03-27 09:00", ""), ("03-29 13:00", "Dag 2")]
    assert (new.registration_closes, new.seats_left, new.cancelled_on, new.town) == (
        date(2027, 3, 20),
        20,
        None,
        "Norrby",
    )
    again = copy_occasion(old, day=date(2027, 3, 27), title_suffix="vår", by=user)
    assert again.uid == "intyg-20270327-kl0900-2"


def test_occasion_without_time_is_not_copied(user):
    occasion = Occasion.objects.create(course=make_course(), uid="utan", format="onsite")
    with pytest.raises(ValidationError, match="Tillfället har ingen tid att kopiera"):
        copy_occasion(occasion, day=TODAY, title_suffix="", by=user)


def test_cancelled_once_with_a_reason(user):
    occasion = make_occasion()
    cancel_occasion(occasion, on=TODAY, reason="Förkylning.", by=user)
    with pytest.raises(ValidationError, match="Tillfället är redan inställt"):
        cancel_occasion(occasion, on=TODAY, reason="Annat.", by=user)
    occasion.refresh_from_db()

    assert (occasion.cancelled_on, occasion.cancel_reason) == (TODAY, "Förkylning.")


@pytest.mark.parametrize("day", [TODAY + DAY, TODAY - 60 * DAY, date(1, 1, 1), date(9999, 12, 31)])
def test_day_of_cancelling_is_a_day_that_has_been(user, day):
    occasion = make_occasion()
    with pytest.raises(ValidationError, match="Skriv dagen då det ställdes in"):
        cancel_occasion(occasion, on=day, reason="Sjuk.", by=user)
    occasion.refresh_from_db()

    assert occasion.cancelled_on is None


def sent(chosen, **more):
    return {
        "course": chosen.pk,
        "weekday": WEDNESDAY,
        "first": "2027-01-04",
        "last": "2027-01-20",
        "starts": "13:00",
        "ends": "15.30",
        "skip_red": "on",
        "format": "onsite",
    } | more


def test_term_is_shown_before_it_is_stored(client, user):
    client.force_login(user)
    course = make_course()
    page = client.post(TERM, sent(course)).content.decode()
    text = words(page)

    assert "2 tillfällen skapas" in text
    assert "onsdag 6 januari 2027, vecka 1 : hoppas över, trettondedag jul" in text
    assert "onsdag 13 januari 2027, vecka 2, kl. 13.00–15.30" in text
    assert not course.occasions.exists()
    [digest] = re.findall(r'name="visat" value="(\w+)"', page)
    other = client.post(TERM, sent(course, spara="x", visat=digest, last="2027-02-20"))
    assert "Dagarna är inte desamma som visades." in words(other.content.decode())
    assert not course.occasions.exists()
    for status in (302, 200):  # pressed twice
        assert client.post(TERM, sent(course, spara="x", visat=digest)).status_code == status
    assert course.occasions.count() == 2


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"weeks": "0"}, "Skriv veckor som nummer mellan 1 och 53"),
        ({"weeks": "44-40"}, "Skriv veckor som nummer mellan 1 och 53"),
        ({"skipped": "v. 3\x00"}, "Null"),
        ({"first": "9999-12-31", "last": "9999-12-31"}, "Kontrollera årtalet. Dagen ska ligga"),
        ({"first": "i vår"}, "Skriv datumet som år-månad-dag"),
        ({"starts": "25:00"}, "Skriv klockslaget som timme och minut"),
        ({"weekday": "7"}, "7"),
        ({"course": "9" * 30}, "Inget är sparat än."),
        ({"closes_before": "-1"}, "Inget är sparat än."),
    ],
)
def test_bad_term_is_told_and_stores_nothing(client, user, more, told):
    client.force_login(user)
    course = make_course()
    answer = client.post(TERM, sent(course, **more))

    assert answer.status_code == 200
    assert told in words(answer.content.decode())
    assert not course.occasions.exists()


def test_fault_in_what_is_stored_is_told(client, user):
    client.force_login(user)
    course = make_course()
    page = client.post(TERM, sent(course)).content.decode()
    [digest] = re.findall(r'name="visat" value="(\w+)"', page)
    answer = client.post(TERM, sent(course, spara="x", visat=digest, place="19811218-9876"))

    assert answer.status_code == 200
    assert "Det ser ut att stå ett personnummer här." in words(answer.content.decode())
    assert not course.occasions.exists()


def test_pages_copy_and_cancel(client, user):
    client.force_login(user)
    occasion = make_occasion(starts=NOW + 7 * DAY)
    change = reverse("admin:education_occasion_change", args=[occasion.pk])
    page = client.get(change).content.decode()
    copy, cancel = (change.replace("change", name) for name in ("kopiera", "stall-in"))
    assert copy in page
    assert cancel in page

    answer = client.post(copy, {"day": "2027-02-01", "title_suffix": ""})
    new = Occasion.objects.latest("pk")
    assert answer.url == reverse("admin:education_occasion_change", args=[new.pk])
    assert timezone.localdate(new.sessions.get().starts) == date(2027, 2, 1)
    assert "Skriv varför" in words(client.post(cancel, {"on": f"{TODAY}"}).content.decode())
    client.post(cancel, {"on": f"{TODAY}", "reason": "Sjuk."})
    occasion.refresh_from_db()
    assert occasion.cancelled_on == TODAY
    assert cancel not in client.get(change).content.decode()


def test_who_may_only_look_makes_nothing(client):
    user = get_user_model().objects.create_user("r@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="redaktör"))
    client.force_login(user)
    pk = make_occasion().pk

    for path in (
        TERM,
        *(f"/admin/education/occasion/{pk}/{name}/" for name in ("kopiera", "stall-in")),
    ):
        assert client.get(path).status_code == 403
