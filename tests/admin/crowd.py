"""A region of many: rows in bulk for the tests of size, made in seconds.

Sizes are for the whole of each table; what the starting content has is counted in.
"""

from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from education.models import Course, Occasion, Session
from followup.models import Indicator
from guidance.models import Page, PageVersion
from organisation.models import Appointment, Person, Role, Unit, UnitKind
from portal.publishing.models import VersionState

FULL = {
    "pages": 5_000,
    "units": 5_000,
    "persons": 5_000,
    "appointments": 20_000,
    "occasions": 2_000,
    "history": 20_000,
    "measurements": 500_000,
}
# Still more than one page of every list, and more than any box should hold.
SMALL = {name: max(240, number // 80) for name, number in FULL.items()}
TODAY = date(2026, 11, 23)
TOWNS = ["Ängsholm", "Åkerby", "Öllösa", "Norrvik", "Söderby"]


def missing(model, number):
    """Numbers of the rows that lack, so that names are unique."""
    return range(model.objects.count(), number)


def make_many(model, rows):
    rows = iter(rows)
    while batch := list(islice(rows, 2_000)):
        model.objects.bulk_create(batch)


@transaction.atomic
def crowd(sizes):
    units(sizes["units"])
    persons(sizes["persons"])
    appointments(sizes["appointments"])
    pages(sizes["pages"])
    occasions(sizes["occasions"])
    history(sizes["history"])
    measurements(sizes["measurements"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def units(number):
    kinds = list(UnitKind.objects.filter(level="unit"))
    parents = list(Unit.objects.exclude(kind__level="unit"))
    make_many(
        Unit,
        (
            Unit(
                hsa_id=f"SE0000000000-M{n:05}",
                name=f"Vårdcentralen {TOWNS[n % 5]} {n}",
                town=TOWNS[n % 5],
                kind=kinds[n % len(kinds)],
                parent=parents[n % len(parents)],
                ownership="private" if n % 3 else "public",
                valid_to=TODAY - timedelta(days=n % 900) if n % 10 == 0 else None,
            )
            for n in missing(Unit, number)
        ),
    )


def persons(number):
    make_many(
        Person,
        (
            Person(
                hsa_id=f"SE0000000000-P{n:05}",
                name=f"Åsa Öberg {n}",
                title="läkare",
                email=f"person{n}@exempelland.example.org",
            )
            for n in missing(Person, number)
        ),
    )


def appointments(number):
    units = list(Unit.objects.values_list("pk", flat=True))
    persons = list(Person.objects.values_list("pk", flat=True))
    # Two rows at once in a role with a single seat are refused.
    roles = list(Role.objects.filter(single_seat=False).values_list("pk", flat=True))
    make_many(
        Appointment,
        (
            Appointment(
                unit_id=units[n % len(units)],
                role_id=roles[n % len(roles)],
                state="vacant" if n % 7 == 0 else "held",
                person_id=None if n % 7 == 0 else persons[n % len(persons)],
                valid_from=TODAY - timedelta(days=n % 1500),
                confirmed_on=TODAY - timedelta(days=n % 700),
            )
            for n in missing(Appointment, number)
        ),
    )


def pages(number):
    """Pages with three versions each: a superseded, a live one and what is being written."""
    owner = Role.objects.first()
    sections = list(Page.objects.filter(parent=None).exclude(slug="start"))
    numbers = missing(Page, number)
    make_many(
        Page,
        (
            Page(
                slug=f"mangd-{n}",
                nav_title=f"Ämne {n}",
                purpose="En sida bland många.",
                parent=sections[n % len(sections)],
                owner=owner,
                reviewed_on=TODAY - timedelta(days=n % 800),
            )
            for n in numbers
        ),
    )
    now = timezone.now()
    states = [
        (1, VersionState.APPROVED, now - timedelta(days=300)),
        (2, VersionState.APPROVED, now - timedelta(days=30)),
        (3, None, None),
    ]
    new = list(Page.objects.filter(slug__startswith="mangd-").values_list("pk", flat=True))
    make_many(
        PageVersion,
        (
            PageVersion(
                page_id=pk,
                number=at,
                title=f"Ämne {n}",
                body=f"<p>Text om ämne {n}.</p>" * 20,
                rendered=f"<p>Text om ämne {n}.</p>" * 20,
                state=state or (VersionState.IN_REVIEW if n % 2 else VersionState.DRAFT),
                publish_at=publish_at,
            )
            for n, pk in enumerate(new)
            for at, state, publish_at in states
            if state or n % 10 == 0
        ),
    )


def occasions(number):
    courses = list(Course.objects.all())
    numbers = missing(Occasion, number)
    make_many(
        Occasion,
        (
            Occasion(
                uid=f"mangd-{n}",
                course=courses[n % len(courses)],
                title_suffix=f"omgång {n}",
                town=TOWNS[n % 5],
                format="onsite",
                registration_closes=TODAY + timedelta(days=n % 700 - 300),
            )
            for n in numbers
        ),
    )
    start = timezone.now() - timedelta(days=300)
    made = Occasion.objects.filter(uid__startswith="mangd-").values_list("pk", flat=True)
    make_many(
        Session,
        (
            Session(
                occasion_id=pk,
                starts=start + timedelta(days=n % 700 + 7 * part),
                ends=start + timedelta(days=n % 700 + 7 * part, hours=2),
            )
            for n, pk in enumerate(made)
            if n % 10
            for part in (0, 1)
        ),
    )


def history(number):
    """All on one unit, the worst that its history page can meet, and on one appointment."""
    for row in (Unit.objects.order_by("pk").first(), Appointment.objects.order_by("pk").first()):
        record = row.history.model
        values = {
            field.attname: getattr(row, field.attname)
            for field in record._meta.concrete_fields
            if hasattr(row, field.attname)
        }
        make_many(
            record,
            (
                record(
                    **{**values, "phone": f"010-{n}"},
                    history_date=timezone.now() - timedelta(hours=n),
                    history_type="~",
                )
                for n in range(number // 2)
            ),
        )


def measurements(number):
    """By one statement: every unit with every indicator, year and sex until it is enough."""
    indicators = Indicator.objects.exclude(kind="derived").order_by("pk")[:5]
    a_year = Unit.objects.count() * len(indicators) * 2
    years = ", ".join(f"({year})" for year in range(1950, 1951 + number // a_year))
    picked = ", ".join(str(indicator.pk) for indicator in indicators)
    values = {
        "indicator_id": "i.id",
        "unit_id": "u.id",
        "year": "y.column1",
        "sex": "s.column1",
        "numerator": "20",
        "denominator": "100",
        "state": "'value'",
        "source_cell": "''",
    }
    columns, chosen = ", ".join(values), ", ".join(values.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO followup_measurement ({columns}) SELECT {chosen}"  # noqa: S608
            f" FROM organisation_unit u CROSS JOIN followup_indicator i"
            f" CROSS JOIN (VALUES {years}) AS y CROSS JOIN (VALUES ('women'), ('men')) AS s"
            f" WHERE i.id IN ({picked})"
        )
