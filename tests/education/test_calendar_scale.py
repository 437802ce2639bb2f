"""Two thousand occasions: what a filter costs does not depend on how many there are."""

import random
from datetime import timedelta

import pytest

from education.models import CompetenceArea, Course, Format, Occasion, Organiser, Session
from organisation.models import Profession
from tests.conftest import NOW, TODAY
from tests.factories import make_course
from tests.pages import queries_of

pytestmark = pytest.mark.django_db
TOWNS = ["Provstad", "Testinge", "Mallboda", ""]
# How many of the filters each is asked with: a feed of all is made of two thousand entries.
ADDRESSES = {
    "/kompetens/kalender/": 50,
    "/kompetens/kalender.ics": 10,
    "/kompetens/kalender.json": 10,
}


def add_occasions(courses, numbers):
    rows = [
        Occasion(
            uid=f"tillfalle-{number}",
            course=courses[number % len(courses)],
            format=Format.values[number % 4],
            town=TOWNS[number % len(TOWNS)],
            seats_left=number % 3,
            registration_closes=TODAY + timedelta(days=number % 50),
        )
        for number in numbers
    ]
    Occasion.objects.bulk_create(rows)
    sessions = []
    for number, row in zip(numbers, rows, strict=True):
        starts = NOW + timedelta(hours=5 * (number % 400) - 400)
        sessions.append(Session(occasion=row, starts=starts, ends=starts + timedelta(hours=2)))
    Session.objects.bulk_create(sessions)


def random_filters(number):
    """Addresses' queries, always the same: none to four filters, and a view."""
    draw = random.Random(7)
    choices = {
        "malgrupp": ["lakare", "kurator"],
        "omrade": [*CompetenceArea.objects.values_list("code", flat=True)],
        "form": Format.values,
        "ort": TOWNS[:3],
        "arrangor": [*Organiser.objects.values_list("code", flat=True)],
        "period": ["90", "tidigare"],
        "oppna": ["on"],
        "anmalan": ["on"],
        "vy": ["manad"],
        "manad": ["2026-11", "2026-12"],
    }
    for _ in range(number):
        names = draw.sample([*choices], draw.randint(0, 4))
        yield "&".join(f"{name}={draw.choice(choices[name])}" for name in names)


def test_fifty_filters_cost_the_same_with_two_thousand_occasions(client):
    Session.objects.all().delete()
    Occasion.objects.all().delete()
    Course.objects.all().delete()
    courses = [make_course() for _ in range(10)]
    for number, course in enumerate(courses):
        course.audiences.add(Profession.objects.get(code=["lakare", "kurator"][number % 2]))
        course.areas.set(CompetenceArea.objects.all()[number % 5 :])

    def most_queries():
        counts = {
            address: [len(queries_of(client, f"{address}?{query}")) for query in filters[:number]]
            for address, number in ADDRESSES.items()
        }
        return {address: max(each) for address, each in counts.items()}

    add_occasions(courses, range(40))
    filters = [*random_filters(50)]
    of_forty = most_queries()
    add_occasions(courses, range(40, 2000))

    assert len({*filters}) > 40
    assert Occasion.objects.count() == 2000
    assert most_queries() == of_forty
    assert max(of_forty.values()) <= 24
