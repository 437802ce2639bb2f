"""Questions whose SQL is worded once: the same rows as the queryset, whatever is asked for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guidance.models import Page, PageVersion
from portal.web.prepared import Question
from tests.factories import make_page, make_version

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
    assert slugs([]) == []


def test_a_text_is_not_read_as_sql(pages):
    named = Question(lambda slug: Page.objects.filter(slug=slug).values_list("slug"))
    assert named("provsida-1") == [("provsida-1",)]
    assert named("' OR 1=1 --") == []
    assert named("%s") == []


def test_a_value_that_does_not_reach_the_database_is_a_fault():
    forgotten = Question(lambda page, other: PageVersion.objects.filter(page=page))
    with pytest.raises(ValueError, match="Ett värde kom inte med i frågan"):
        forgotten(1, 2)
