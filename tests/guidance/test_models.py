from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from guidance.models import LegalReference, Notice, Page, PageVersion, Synonym
from portal.publishing.models import VersionState
from tests.conftest import NOW
from tests.factories import make_notice, make_page, make_step, make_version


@pytest.mark.parametrize(
    ("reviewed_on", "months", "expected"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 31), 36, date(2029, 1, 31)),
        (None, 12, None),
    ],
)
def test_next_review_is_the_same_day_that_many_months_on(reviewed_on, months, expected):
    page = Page(reviewed_on=reviewed_on, review_interval_months=months)

    assert page.next_review == expected


def test_review_is_overdue_from_the_day_it_is_due(clock):
    page = Page(reviewed_on=date(2025, 12, 10), review_interval_months=12)

    assert not page.review_is_overdue
    clock.move_to(datetime(2026, 12, 9, 23, 30, tzinfo=NOW.tzinfo))
    assert not page.review_is_overdue
    clock.move_to(datetime(2026, 12, 10, 0, 30, tzinfo=NOW.tzinfo))
    assert page.review_is_overdue


def test_page_never_reviewed_is_not_overdue():
    assert not Page().review_is_overdue


def test_page_lies_right_under_a_section(db):
    section = make_page()
    child = make_page(parent=section)

    child.clean()
    for page, parent in ((Page(slug="x"), child), (section, section)):
        page.parent = parent
        with pytest.raises(ValidationError) as refused:
            page.clean()
        assert refused.value.message_dict == {
            "parent": ["En sida kan bara ligga direkt under en avdelning."]
        }


def test_addresses_of_pages(db):
    """They are written out; these are what the patterns of addresses say."""
    section = make_page(slug="provavdelning")
    page = make_page(slug="provsida", parent=section)
    start = Page.objects.get(slug="start")

    found = [
        [row.get_absolute_url(), row.get_versions_url(), row.get_feed_url(), row.get_feedback_url()]
        for row in (section, page, start)
    ]
    of_section, of_page, of_start = (
        [
            reverse(f"versions:of_{kind}", args=place),
            reverse(f"versions:{kind}_feed", args=place),
            reverse("guidance:feedback", args=place[-1:]),
        ]
        for kind, place in (
            ("section", ["provavdelning"]),
            ("page", ["provavdelning", "provsida"]),
            ("section", ["start"]),
        )
    )
    assert found == [
        [reverse("guidance:section", args=["provavdelning"]), *of_section],
        [reverse("guidance:page", args=["provavdelning", "provsida"]), *of_page],
        [reverse("start"), *of_start],
    ]
    assert found[1][:2] == [
        "/provavdelning/provsida/",
        "/provavdelning/provsida/versioner/",
    ]


def refusal_of(row):
    """The messages that an editor gets, and that the database refuses the row too."""
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    with pytest.raises(IntegrityError):
        row.save()
    return refused.value.messages


@pytest.mark.parametrize(
    ("state", "withdrawn_at"), [(VersionState.APPROVED, None), (VersionState.WITHDRAWN, NOW)]
)
def test_released_version_needs_a_publish_time(db, state, withdrawn_at):
    version = PageVersion(page=make_page(), title="Prov", state=state, withdrawn_at=withdrawn_at)

    assert refusal_of(version) == ["Ange när versionen ska publiceras."]


def test_draft_needs_no_publish_time(db):
    PageVersion(page=make_page(), title="Prov").full_clean()


def test_version_ends_after_it_starts(db):
    now = timezone.now()
    version = PageVersion(page=make_page(), title="Prov", publish_at=now, expire_at=now)

    assert refusal_of(version) == ["Slutdatum måste ligga efter publiceringsdatum."]


def test_version_number_is_unique_for_the_page(db):
    version = make_version()
    twin = PageVersion(page=version.page, title="Prov", number=version.number)

    assert refusal_of(twin) == ["Sidan har redan en version med det numret."]


def test_step_anchor_is_unique_in_the_version(db):
    step = make_step(version=make_version())
    twin = make_step(version=make_version(), anchor=step.anchor)
    twin.version = step.version

    assert refusal_of(twin) == ["Två steg kan inte ha samma ankare."]


def test_author_cannot_review(db, django_user_model):
    author = django_user_model.objects.create(email="a@example.se")
    version = PageVersion(page=make_page(), author=author, reviewer=author)

    with pytest.raises(ValidationError) as refused:
        version.clean()
    assert refused.value.message_dict == {
        "reviewer": ["Den som har skrivit texten kan inte granska den."]
    }


def test_public_pages_have_a_live_version(db):
    now = timezone.now()
    hour = timedelta(hours=1)
    live = make_version().page
    for fields in (
        {"state": VersionState.DRAFT},
        {"state": VersionState.IN_REVIEW},
        {"publish_at": now + hour},
        {"publish_at": now - 2 * hour, "expire_at": now - hour},
        {"state": VersionState.WITHDRAWN},
    ):
        make_version(**fields)
    make_page()
    made = Page.objects.filter(slug__startswith="sida-")

    assert made.count() == 7
    assert [*Page.objects.public().filter(pk__in=made)] == [live]


def test_version_is_live_from_its_publish_time_until_it_expires(db):
    start, end = NOW, NOW + timedelta(days=1)
    version = make_version(publish_at=start, expire_at=end)
    second = timedelta(seconds=1)
    moments = [start - second, start, end - second, end]

    live = [PageVersion.objects.live(at).filter(pk=version.pk).exists() for at in moments]

    assert live == [False, True, True, False]
    assert [version.is_live(at) for at in moments[1:]] == [True, True, False]


def test_expired_version_does_not_bring_back_the_one_before(db):
    page = make_page()
    make_version(page=page)
    latest = make_version(
        page=page,
        publish_at=timezone.now() - timedelta(hours=2),
        expire_at=timezone.now() - timedelta(hours=1),
    )

    assert [*PageVersion.objects.current().filter(page=page)] == [latest]
    assert [*PageVersion.objects.live().filter(page=page)] == []


def test_public_notices_are_published_and_newest_first(db):
    Notice.objects.all().delete()
    older = make_notice(published_on=date(2026, 11, 1))
    today = make_notice(published_on=date(2026, 11, 23))
    make_notice(published_on=date(2026, 11, 24))

    assert [*Notice.objects.public()] == [today, older]
    assert [*Notice.objects.public(on=date(2026, 11, 22))] == [older]


def test_only_statutes_have_a_source_address():
    kinds = LegalReference.Kind
    addresses = [LegalReference(kind=kind, number="2010:110").source_url for kind in kinds]

    assert addresses == ["https://lagen.nu/2010:110", "https://lagen.nu/2010:110", "", ""]


@pytest.mark.parametrize("words", [[], ["ont"], ["ont", " Ont ", ""]])
def test_synonyms_are_at_least_two_different_words(words):
    with pytest.raises(ValidationError) as fault:
        Synonym(words=words).clean()

    assert fault.value.message_dict == {"words": ["Skriv minst två olika ord."]}
    Synonym(words=["ont", "värk"]).clean()
