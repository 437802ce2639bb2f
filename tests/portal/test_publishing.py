"""When a version is live is a question about time; who may approve it is a rule."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from guidance.models import PageVersion
from portal.accounts.models import User
from portal.publishing.models import VersionState
from tests.conftest import NOW
from tests.factories import make_page, make_version

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def page(db):
    return make_page()


def numbers(versions, page):
    return [*versions.filter(page=page).values_list("number", flat=True)]


def test_live_from_its_publish_time_and_not_the_instant_before(page):
    make_version(page=page, publish_at=NOW)

    assert numbers(PageVersion.objects.live(NOW - INSTANT), page) == []
    assert numbers(PageVersion.objects.live(NOW), page) == [1]


def test_live_until_its_expiry_and_not_at_it(page):
    version = make_version(page=page, publish_at=NOW, expire_at=NOW + timedelta(days=1))
    end = NOW + timedelta(days=1)

    assert numbers(PageVersion.objects.live(end - INSTANT), page) == [1]
    assert numbers(PageVersion.objects.live(end), page) == []
    assert (version.is_live(end - INSTANT), version.is_live(end)) == (True, False)


def test_without_a_moment_now_counts(page, clock):
    version = make_version(page=page, publish_at=NOW + timedelta(hours=1))
    version.expire_at = NOW + timedelta(hours=2)
    version.save()

    assert numbers(PageVersion.objects.live(), page) == []
    clock.move_to(NOW + timedelta(hours=1))
    assert numbers(PageVersion.objects.live(), page) == [1]
    assert version.is_live()
    clock.move_to(NOW + timedelta(hours=2))
    assert numbers(PageVersion.objects.live(), page) == []
    assert not version.is_live()


def test_newer_version_takes_over_at_its_time_and_the_old_stays_released(page):
    make_version(page=page, publish_at=NOW - timedelta(days=2))
    make_version(page=page, publish_at=NOW)

    assert numbers(PageVersion.objects.current(NOW - INSTANT), page) == [1]
    assert numbers(PageVersion.objects.current(NOW), page) == [2]
    assert numbers(PageVersion.objects.released(NOW), page) == [2, 1]
    assert numbers(PageVersion.objects.live(NOW), page) == [2]


@pytest.mark.parametrize("state", [VersionState.DRAFT, VersionState.IN_REVIEW])
def test_draft_stands_beside_the_live_text(page, state):
    make_version(page=page)
    draft = make_version(page=page, state=state, publish_at=NOW - timedelta(hours=1))

    assert numbers(PageVersion.objects.released(), page) == [1]
    assert numbers(PageVersion.objects.live(), page) == [1]
    assert not draft.is_live()


def test_older_version_does_not_come_back_when_the_latest_expires(page):
    make_version(page=page, publish_at=NOW - timedelta(days=2))
    make_version(page=page, publish_at=NOW - timedelta(days=1), expire_at=NOW)

    assert numbers(PageVersion.objects.current(NOW), page) == [2]
    assert numbers(PageVersion.objects.live(NOW), page) == []


def test_older_version_does_not_come_back_when_the_latest_is_withdrawn(page):
    make_version(page=page)
    withdrawn = make_version(page=page, state=VersionState.WITHDRAWN)

    assert numbers(PageVersion.objects.current(), page) == [2]
    assert numbers(PageVersion.objects.live(), page) == []
    assert not withdrawn.is_live()


def test_pages_do_not_mix_their_versions(page):
    make_version(page=page)
    other = make_version(number=7).page

    assert numbers(PageVersion.objects.live(), page) == [1]
    assert numbers(PageVersion.objects.live(), other) == [7]


def test_author_cannot_review(page):
    author = User.objects.create_user("skribent@exempelland.example.org")
    reviewer = User.objects.create_user("granskare@exempelland.example.org")
    version = make_version(page=page, author=author, reviewer=author)

    with pytest.raises(ValidationError) as caught:
        version.full_clean()
    assert caught.value.message_dict == {
        "reviewer": ["Den som har skrivit texten kan inte granska den."]
    }
    version.reviewer = reviewer
    version.full_clean()


def test_version_may_lack_author_and_reviewer(page):
    make_version(page=page).full_clean()


@pytest.mark.parametrize(
    ("state", "withdrawn_at"), [(VersionState.APPROVED, None), (VersionState.WITHDRAWN, NOW)]
)
def test_released_version_needs_a_publish_time(page, state, withdrawn_at):
    version = PageVersion(page=page, title="Prov", state=state, withdrawn_at=withdrawn_at)

    with pytest.raises(ValidationError) as caught:
        version.full_clean()
    assert caught.value.messages == ["Ange när versionen ska publiceras."]
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save()


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=-1)])
def test_version_ends_after_it_starts(page, after):
    version = PageVersion(page=page, title="Prov", publish_at=NOW, expire_at=NOW + after)

    with pytest.raises(ValidationError) as caught:
        version.full_clean()
    assert caught.value.messages == ["Slutdatum måste ligga efter publiceringsdatum."]


def test_two_versions_of_a_page_cannot_have_the_same_number(page):
    make_version(page=page)

    with pytest.raises(ValidationError) as caught:
        PageVersion(page=page, title="Prov", number=1).full_clean()
    assert caught.value.messages == ["Sidan har redan en version med det numret."]


def test_version_withdrawn_before_its_time_never_replaces_the_live_one(page, clock):
    live = make_version(page=page)
    make_version(
        page=page,
        state=VersionState.WITHDRAWN,
        publish_at=NOW + timedelta(hours=1),
        withdrawn_at=NOW + timedelta(minutes=1),
    )
    clock.move_to(NOW + timedelta(hours=2))

    assert [*PageVersion.objects.live().filter(page=page)] == [live]


def test_withdrawn_version_says_when(page):
    version = PageVersion(page=page, title="Prov", state=VersionState.WITHDRAWN, publish_at=NOW)

    with pytest.raises(ValidationError) as caught:
        version.full_clean()
    assert caught.value.messages == ["Ange när versionen avpublicerades."]
