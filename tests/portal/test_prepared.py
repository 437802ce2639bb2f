"""Questions whose SQL is worded once: the same rows as the queryset, whatever is asked for."""

import time
from datetime import date, timedelta

import pytest
from django.utils import timezone

from guidance.models import Page, PageVersion
from organisation.models import Appointment, Role, Unit
from portal.caching.prepared import MOST_KEYS, Question, keep
from tests.factories import make_appointment, make_page, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages():
    """Three pages, each with a version that is out and one that comes in an hour."""
    made = [make_page(slug=f"provsida-{number}") for number in range(3)]
    now = timezone.now()
    for page in made:
        make_version(page=page, number=1, title=f"Nu {page.slug}")
        make_version(
            page=page,
            number=2,
            title=f"Sedan {page.slug}",
            publish_at=now + timedelta(hours=1),
        )
    return made


def test_it_is_asked_again_with_other_values(pages):
    live = Question(
        lambda at, page: (
            PageVersion.objects.live(at).filter(page=page).select_related("page").order_by("pk")
        )
    )
    now, then = timezone.now(), timezone.now() + timedelta(hours=2)
    for page in pages:
        (version,) = live(now, page.pk)
        assert (version.title, version.page.slug) == (f"Nu {page.slug}", page.slug)
        assert [version.title for version in live(then, page.pk)] == [f"Sedan {page.slug}"]
    assert live(now, 10_000_000) == []


def test_what_was_written_since_is_seen(pages):
    titles = Question(
        lambda page: PageVersion.objects.filter(page=page).order_by("pk").values_list("title")
    )
    assert len(titles(pages[0].pk)) == 2
    PageVersion.objects.filter(page=pages[0], number=1).update(title="Ny")
    assert titles(pages[0].pk) == [("Ny",), ("Sedan provsida-0",)]


def test_a_list_may_have_one_key_or_several_or_none(pages):
    slugs = Question(
        lambda keys: Page.objects.filter(pk__in=keys).order_by("slug").values_list("slug")
    )
    keys = [page.pk for page in pages]
    assert slugs(keys[:1]) == [("provsida-0",)]
    assert slugs(keys[1:2]) == [("provsida-1",)]
    assert slugs(keys) == [("provsida-0",), ("provsida-1",), ("provsida-2",)]
    assert slugs(keys[:2]) == [("provsida-0",), ("provsida-1",)]
    assert slugs(keys[1:]) == [("provsida-1",), ("provsida-2",)]
    assert slugs([keys[2], keys[2]]) == [("provsida-2",)]
    assert slugs([]) == []


@pytest.mark.parametrize("number", [MOST_KEYS - 1, MOST_KEYS, MOST_KEYS + 1])
def test_a_list_may_be_long_and_of_texts_beside_other_values(pages, number):
    asked = Question(
        lambda slugs, version, kept: (
            PageVersion.objects.filter(page__slug__in=slugs, number=version)
            .exclude(page__in=kept)
            .order_by("page__slug")
            .values_list("title")
        )
    )
    slugs = [f"finns-inte-{each}" for each in range(number - 2)] + ["provsida-0", "provsida-2"]
    others = [10_000_000 + each for each in range(number)]
    assert asked(slugs, 1, others) == [("Nu provsida-0",), ("Nu provsida-2",)]
    assert asked(slugs, 2, [*others[1:], pages[0].pk]) == [("Sedan provsida-2",)]


def test_a_list_that_is_kept_is_not_asked_for_again(pages, django_assert_num_queries):
    page, other = pages[:2]
    first, last = page.versions.order_by("number")
    keep(page, "versions", [last])
    with django_assert_num_queries(0):
        assert list(page.versions.all()) == [last]
        assert len(page.versions.all()) == 1
    assert page.versions.get(number=1) == first
    assert other.versions.count() == 2


def test_a_text_is_not_read_as_sql(pages):
    named = Question(lambda slug: Page.objects.filter(slug=slug).values_list("slug"))
    assert named("provsida-1") == [("provsida-1",)]
    assert named("' OR 1=1 --") == []
    assert named("%s") == []


def test_rows_are_those_of_the_queryset_with_all_that_comes_along(django_assert_num_queries):
    def build(on, unit):
        return Appointment.objects.public(on).filter(unit=unit)

    asked = Question(build)
    unit = Unit.objects.get(hsa_id="SE0000000000-E1001")
    days = [date(2026, 11, 23), date(2027, 3, 1)]
    make_appointment(unit=unit, valid_from=days[1])
    rows = {(day, each.pk): asked(day, each.pk) for day in days for each in Unit.objects.all()}

    assert rows == {(day, pk): list(build(day, pk)) for day, pk in rows}
    assert len({tuple(rows[day, unit.pk]) for day in days}) == 2
    with django_assert_num_queries(1):
        for row in asked(days[0], unit.pk):
            assert row.role.title


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda value: Role.objects.exclude(code=None), id="left out"),
        pytest.param(lambda value: Role.objects.filter(code__startswith=value), id="changed"),
        pytest.param(
            lambda value: Unit.objects.public().filter(hsa_id=value) & _of_this_moment(), id="now"
        ),
    ],
)
def test_a_question_that_would_keep_something_of_its_wording_is_refused(build):
    with pytest.raises(ValueError, match="kom inte med"):
        Question(build)("x")


def _of_this_moment():
    return Unit.objects.exclude(hsa_id=str(time.time_ns()))
