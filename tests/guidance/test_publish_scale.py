"""Publishing in a large region: what an editor waits for does not grow with the pages.

The suite fills up with some hundred pages; with PORTAL_FULL_SCALE=1 there are 5,000 of them.
"""

import os

import pytest

from guidance import actions, rendering
from guidance.demo_pages import fill
from guidance.models import PageVersion, Passage
from portal.search.models import SearchEntry
from tests.costs import cost_of
from tests.factories import make_page, make_version
from tests.guidance.test_page_admin import END, REVIEW, WRITE, make_user, revision, saved, step_url

# Of the database, for a press on "Godkänn och publicera" with what goes with it: the session,
# the checks, the text with two links, search, the audit log.
QUESTIONS = 59
FEW, MANY = 120, 5000 if os.environ.get("PORTAL_FULL_SCALE") == "1" else 600
# Of several links at once, one leads to a heading.
LINKS = ", ".join(f'<a href="sida:fyllnad-0-{n}">sida {n}</a>' for n in range(1, 8))
BODY = (
    '<h2 id="nar">När</h2><p>Läs <a href="sida:fyllnad-0">avdelningens egen sida</a> och dem '
    "som står under den innan du börjar med text nummer {}.</p>"
    f'<p>{LINKS} och <a href="sida:samtycke#dokumentera">samtycke</a>.</p>'
)

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("scale")]


@pytest.fixture
def editor():
    return make_user("redaktor", *WRITE, *REVIEW[1:], *END[1:])


def test_checks_and_publishing_cost_the_same_among_many(client, editor):
    fill(FEW)
    page = make_page(slug="matsidan")
    rendering.render_version(make_version(page=page, title="Mätsidan", body=BODY.format(1)))
    client.force_login(editor)
    number = iter(range(2, 20))

    def publish():
        draft = saved(page, editor, body=BODY.format(next(number)))
        url = step_url(page, draft, "publicera")
        shown = cost_of(lambda: client.get(url))
        done = cost_of(lambda: client.post(url, {"revision": revision(page)}))
        assert page.versions.live().get() == draft
        return [shown, done]

    publish()
    among_few = publish()
    fill(MANY)
    among_many = publish()

    assert Passage.objects.count() > MANY
    assert among_few[1][0] <= QUESTIONS
    for few, many in zip(among_few, among_many, strict=True):
        assert many[0] == few[0]
        if few[1]:
            assert many[1] < 1.3 * few[1]


def test_a_page_that_many_link_to_is_published_without_them(client, editor):
    page = make_page(slug="malsidan")
    rendering.render_version(make_version(page=page, title="Målsidan", body=BODY.format(1)))

    def publish(number):
        draft = saved(page, editor, body=BODY.format(number))
        return cost_of(
            lambda: actions.approve_and_publish(draft, by=editor, revision=revision(page))
        )

    fill(FEW)
    publish(2)
    alone = publish(3)
    for number in range(10):
        rendering.render_version(make_version(body=f'<p><a href="sida:malsidan">{number}</a></p>'))
    among_links = publish(4)

    assert among_links[0] == alone[0]
    assert SearchEntry.objects.filter(kind="page", url=page.get_absolute_url()).count() == 1


def test_only_what_readers_see_or_will_see_is_compared(editor):
    fill(FEW)
    page = make_page(slug="matsidan")
    rendering.render_version(make_version(page=page, title="Mätsidan", body=BODY.format(1)))
    draft = saved(page, editor, body=BODY.format(2))
    assert not draft.passages.exists()
    actions.approve_and_publish(draft, by=editor, revision=revision(page))

    kept = Passage.objects.filter(version__page=page).values_list("version", flat=True)
    assert set(kept) == {draft.pk}
    live = PageVersion.objects.get(pk=draft.pk)
    actions.withdraw(live, by=editor, revision=revision(page), reason="Slut.")
    assert not Passage.objects.filter(version__page=page).exists()
