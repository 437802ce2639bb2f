"""What readers see of a page's earlier versions, and what they never see."""

import re
from datetime import datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from guidance import actions, rendering
from guidance.models import Page, PageVersion
from guidance.page_forms import VersionForm
from guidance.version_parts import section_labels
from portal.accounts.models import User
from portal.publishing.models import VersionState
from tests.factories import make_page, make_role, make_step, make_version
from tests.pages import found, main_of, queries_of, words

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
URL = "/provavdelning/provsida/versioner/"


def day(*parts):
    return datetime(*parts, 10, 0, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture
def page():
    section = make_version(page=make_page(slug="provavdelning", nav_title="Provavdelning")).page
    return make_page(slug="provsida", nav_title="Provsida", parent=section)


def publish(page, text, **fields):
    fields.setdefault("body", f'<h2 id="nar">När</h2><p>{text}</p>')
    version = make_version(page=page, title="Provsida", **fields)
    rendering.render_version(version)
    return version


@pytest.fixture
def three(page):
    """Version 1 in March, 2 in June, and 3, which counts."""
    return [
        publish(page, "första ordet", publish_at=day(2026, 3, 12), change_note="Ny."),
        publish(page, "andra ordet", publish_at=day(2026, 6, 4), change_note="Rättad."),
        publish(
            page, "tredje ordet", publish_at=day(2026, 9, 1), is_major=True, change_note="Ny regel."
        ),
    ]


def sections(**texts):
    return "".join(f'<h2 id="{name}">{name}</h2><p>{text}</p>' for name, text in texts.items())


def text_of(response):
    return words(main_of(response))


def member(group):
    user = User.objects.create_user(f"{group[:5]}@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def hide(version, reason="Innehöll personuppgifter."):
    version.suppressed_at, version.suppress_reason = timezone.now(), reason
    version.save()


# The list


def test_history_tells_each_version_with_its_days_kind_and_note(client, page, three):
    response = client.get(URL)

    items = found(r'<li class="flow">(.*?)</li>', main_of(response))
    assert items == [
        "Version 3 gäller nu Gäller från 1 september 2026 · större ändring Ny regel. "
        "Vad är nytt i version 3 jämfört med version 2",
        "Version 2 4 juni – 1 september 2026 · mindre ändring Rättad. "
        "Vad är nytt i version 2 jämfört med version 1",
        "Version 1 12 mars – 4 juni 2026 Ny.",
    ]
    assert page.owner.title in text_of(response)
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_history_of_one_version_says_so_and_offers_no_comparison(client, page):
    publish(page, "enda")

    response = client.get(URL)

    assert "Det finns bara en version än." in text_of(response)
    assert "Jämför" not in text_of(response)


def test_persons_are_not_named(client, page, three):
    user = User.objects.create_user("anna@example.org", first_name="Anna", last_name="Andersson")
    PageVersion.objects.filter(page=page).update(author=user)

    for url in (URL, f"{URL}2/", f"{URL}1..2/"):
        assert "Anders" not in client.get(url).content.decode()


def test_owner_then_is_told_where_the_version_knows_it(client, page, three):
    role = make_role(title="Förra ägaren")
    three[0].lasting = {"owner": role.pk}
    three[0].save()

    assert "4 juni 2026 · ägare då: Förra ägaren Ny." in text_of(client.get(URL))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": VersionState.DRAFT},
        {"state": VersionState.IN_REVIEW},
        {"publish_at": datetime(2026, 11, 24, tzinfo=ZoneInfo("UTC"))},
        {
            "state": VersionState.WITHDRAWN,
            "publish_at": datetime(2026, 11, 24, tzinfo=ZoneInfo("UTC")),
            "withdrawn_at": datetime(2026, 11, 22, tzinfo=ZoneInfo("UTC")),
        },
    ],
    ids=["draft", "in review", "scheduled", "withdrawn before its time"],
)
def test_what_readers_have_not_met_is_nowhere(client, page, three, fields):
    publish(page, "hemligt", change_note="Hemlig not.", number=4, **fields)

    assert "Hemlig" not in client.get(URL).content.decode()
    assert "Alla versioner (3)" in text_of(client.get(URL))
    assert client.get(f"{URL}4/").status_code == 404
    assert client.get(f"{URL}3..4/").status_code == 404
    assert "Alla versioner (3)" in text_of(client.get(page.get_absolute_url()))


def test_version_passed_by_before_its_time_is_nowhere(client, page, clock):
    """A later version came out before its moment, so no reader ever met it."""
    publish(page, "ursprunget", publish_at=timezone.now() - 2 * HOUR)
    publish(page, "förbigånget", publish_at=timezone.now() + HOUR)
    publish(page, "rättat", publish_at=timezone.now() - HOUR)
    clock.move_to(timezone.now() + 2 * HOUR)

    numbers = PageVersion.objects.seen().filter(page=page).values_list("number", flat=True)

    assert sorted(numbers) == [1, 3]
    assert client.get(f"{URL}2/").status_code == 404
    assert "Version 2" not in text_of(client.get(URL))


def test_page_that_was_never_public_has_no_history(client, page):
    publish(page, "utkast", state=VersionState.DRAFT)

    assert client.get(URL).status_code == 404


def test_history_costs_the_same_with_3_and_200_versions(client, page, three):
    client.get(URL)
    few = len(queries_of(client, URL))
    for number in range(4, 201):
        make_version(
            page=page, number=number, publish_at=day(2026, 9, 2) + timedelta(minutes=number)
        )

    assert len(queries_of(client, URL)) == few
    assert len(queries_of(client, f"{URL}?page=8")) == few
    assert len(found(r'<li class="flow">(.*?)</li>', main_of(client.get(URL)))) == 25
    for odd in ("0", "-1", "x", "9" * 5000):
        assert client.get(URL, {"page": odd}).status_code == 200


# Choosing two


def test_choosing_two_leads_to_their_difference_in_either_order(client, page, three):
    for chosen in ({"fran": 1, "till": 3}, {"fran": 3, "till": 1}):
        response = client.get(URL, chosen)

        assert (response.status_code, response.url) == (302, f"{URL}1..3/")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"fran": 1, "till": 1}, "Välj två olika versioner."),
        ({"fran": 1, "till": 9}, "Välj en version i listan."),
        ({"fran": "x" * 5000, "till": "\0"}, "Välj en version i listan."),
        ({"fran": 1}, "Detta fält måste fyllas i."),
    ],
)
def test_odd_choice_gets_a_message(client, page, three, chosen, message):
    response = client.get(URL, chosen)

    assert response.status_code == 200
    assert message in text_of(response)


# One version


def test_earlier_version_is_readable_as_it_was_and_says_so(client, page, three):
    response = client.get(f"{URL}2/")

    html = response.content.decode()
    assert "<p>andra ordet</p>" in main_of(response)
    bar = found(r'<aside class="demo-notice" aria-label="Om versionen">(.*?)</aside>', html)
    assert bar == [
        "Du läser version 2 , som gällde 4 juni – 1 september 2026 . "
        "Läs den som gäller nu . Alla versioner ."
    ]
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://testserver/provavdelning/provsida/">' in html
    assert ("första" in html, "tredje" in html) == (False, False)


def test_version_that_counts_is_told_as_such(client, page, three):
    html = client.get(f"{URL}3/").content.decode()

    bar = found(r'<aside class="demo-notice" aria-label="Om versionen">(.*?)</aside>', html)
    assert bar == [
        "Du läser version 3 , som gäller nu (från 1 september 2026 ). Till sidan . Alla versioner ."
    ]


def test_list_of_a_register_is_not_shown_as_if_it_were_then(client):
    page = Page.objects.get(slug="ordlista")

    main = main_of(client.get(f"{page.get_versions_url()}1/"))

    assert "Här står en lista som hämtas ur ett register." in words(main)
    assert "<dfn" not in main


def test_version_that_was_never_made_ready_is_made_so(client, page, three):
    PageVersion.objects.filter(pk=three[0].pk).update(rendered="")

    assert "<p>första ordet</p>" in main_of(client.get(f"{URL}1/"))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/intyg/provsida/versioner/2/", f"{URL}2/"),
        ("/provsida/versioner/", URL),
        (f"{URL}002/", f"{URL}2/"),
        (f"{URL}3..1/", f"{URL}1..3/"),
    ],
)
def test_other_addresses_lead_to_the_right_one(client, page, three, path, answer):
    response = client.get(path)

    assert (response.status_code, response.url) == (301, answer)


def test_history_follows_a_page_that_gets_another_name(client, page, three):
    mover = member("administratör")
    actions.move_page(page, parent=page.parent, slug="nytt-namn", by=mover, revision=page.revision)

    response = client.get(f"{URL}2/")

    assert response.url == "/provavdelning/nytt-namn/versioner/2/"
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize(
    "path", ["9/", "0/", f"{'9' * 30}/", f"{'9' * 5000}/", "1..1/", "1..9/", "0..0/",
             f"1..{'9' * 5000}/", f"{'9' * 40}..{'8' * 40}/", "1../", "..2/", "-1..2/", "a..b/"],
)  # fmt: skip
def test_absurd_numbers_are_not_found(client, page, three, path):
    assert client.get(URL + path).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/sjukskrivningsprocessen/versioner/",
        "/start/versioner/",
        "/kompetens/kurser/versioner/",
        "/organisation/enheter/versioner/1/",
        "/uppfoljning/indikatorer/versioner/",
        "/dokument/versioner/",
    ],
)
def test_every_kind_of_page_has_its_history(client, url):
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("parent", [None, "intyg"])
def test_no_page_may_be_called_versioner(parent):
    page = make_page(parent=parent and Page.objects.get(slug=parent))
    page.slug = "versioner"

    with pytest.raises(ValidationError, match="används av webbplatsen själv"):
        page.full_clean()


# Gone and hidden


def test_history_of_a_withdrawn_page_stays_and_says_why(client, page, three):
    PageVersion.objects.filter(pk=three[2].pk).update(
        state=VersionState.WITHDRAWN, withdrawn_at=day(2026, 10, 1), end_reason="Var fel."
    )

    gone = client.get(page.get_absolute_url())
    assert gone.status_code == 410
    assert f'href="{URL}"' in main_of(gone)
    text = text_of(client.get(URL))
    assert "Sidan gäller inte längre." in text
    assert (
        "Version 3 1 september – 1 oktober 2026 · större ändring Ny regel. Avpublicerad: Var fel."
        in text
    )
    one = client.get(f"{URL}3/")
    assert "Versionen avpublicerades 1 oktober 2026: Var fel." in text_of(one)
    assert "canonical" not in one.content.decode()


def test_hidden_version_keeps_its_row_and_loses_its_words(client, page, three):
    PageVersion.objects.filter(pk=three[1].pk).update(change_note="Namnet Kalle borta.")
    three[1].refresh_from_db()
    hide(three[1])

    listed = client.get(URL).content.decode()
    assert "Kalle" not in listed
    assert "Texten är dold sedan 23 november 2026: Innehöll personuppgifter." in words(listed)
    assert "jämfört med version 1" in words(listed)
    for path in ("2/", "1..2/", "2..3/"):
        response = client.get(URL + path)
        assert response.status_code == 410
        assert "Innehöll personuppgifter." in text_of(response)
        assert "andra ordet" not in response.content.decode()
    assert client.get(f"{URL}1..3/").status_code == 200
    assert found(r"<option[^>]*>(.*?)</option>", listed)[:2] == [
        "Version 3, 1 september 2026",
        "Version 1, 12 mars 2026",
    ]
    shown = main_of(client.get(page.get_absolute_url()))
    assert f'href="{URL}1..3/"' in shown


def test_granskare_hides_and_shows_again_with_a_reason(client, page, three):
    reviewer = member("granskare")
    client.force_login(reviewer)
    versions = reverse("admin:guidance_page_versions", args=[page.pk])
    address = reverse("admin:guidance_page_transition_dolj", args=[page.pk, 1])
    assert f'href="{address}"' in client.get(versions).content.decode()

    refused = client.post(address, {"revision": page.revision, "reason": " "})
    assert "Fältet måste fyllas i" in words(refused.content.decode()) or refused.status_code == 200
    assert client.get(f"{URL}1/").status_code == 200
    client.post(address, {"revision": Page.objects.get(pk=page.pk).revision, "reason": "Fara."})
    assert client.get(f"{URL}1/").status_code == 410
    event = three[0].events.first()
    assert (event.action, event.by, event.reason) == ("suppressed", reviewer, "Fara.")

    back = reverse("admin:guidance_page_transition_visa_igen", args=[page.pk, 1])
    client.post(back, {"revision": Page.objects.get(pk=page.pk).revision})
    assert client.get(f"{URL}1/").status_code == 200


def test_redaktor_may_not_hide(client, page, three):
    editor = member("redaktör")
    client.force_login(editor)
    address = reverse("admin:guidance_page_transition_dolj", args=[page.pk, 1])

    assert (
        address
        not in client.get(reverse("admin:guidance_page_versions", args=[page.pk])).content.decode()
    )
    assert client.post(address, {"revision": 0, "reason": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.suppress(three[0], by=editor, revision=page.revision, reason="x")


def test_what_counts_now_is_withdrawn_before_it_is_hidden(page, three):
    reviewer = member("granskare")

    with pytest.raises(actions.TransitionRefused, match="Avpublicera först"):
        actions.suppress(three[2], by=reviewer, revision=page.revision, reason="Fara.")


# The difference


def test_difference_is_told_in_words_by_section(client, page):
    before = sections(När="Gäller gamla fall.", Vem="Läkaren.", Bort="Försvinner.")
    after = sections(När="Gäller nya fall.", Vem="Läkaren.", Till="Tillkommer.")
    publish(page, "", body=before, publish_at=day(2026, 3, 1))
    publish(page, "", body=after, publish_at=day(2026, 4, 1))

    response = client.get(f"{URL}1..2/")

    main = main_of(response)
    assert found(r"<h2[^>]*>(.*?)</h2>", main) == [
        "Avsnittet När", "Avsnittet Till (tillagt)", "Avsnittet Bort (borttaget)",
    ]  # fmt: skip
    assert (
        '<del><span class="visually-hidden">borttaget: </span>gamla<span class="visually-hidden"> '
        'slut på borttaget </span></del><ins><span class="visually-hidden">tillagt: </span>nya'
    ) in main
    assert found(r'<p class="unchanged">(.*?)</p>', main) == ["Oförändrat: Rubrik och 1 avsnitt."]
    assert "Läkaren" not in main


def test_versions_with_the_same_words_say_so(client, page):
    publish(page, "", body="<p>Samma ord.</p>", publish_at=day(2026, 3, 1))
    publish(page, "", body="<p>Samma <strong>ord</strong>.</p>", publish_at=day(2026, 4, 1))

    assert "Versionernas texter är lika." in text_of(client.get(f"{URL}1..2/"))


def test_text_in_a_difference_is_text(client, page):
    publish(page, "", body="<p>a</p>", lead="<b>", publish_at=day(2026, 3, 1))
    publish(page, "", body="<p>&lt;script&gt;</p>", lead="<i>", publish_at=day(2026, 4, 1))

    main = main_of(client.get(f"{URL}1..2/"))

    assert ("<script>" in main, "&lt;script&gt;" in main, "&lt;i&gt;" in main) == (
        False,
        True,
        True,
    )


def test_first_and_tenth_version_of_a_long_text_within_a_second(client, page):
    sections = [
        f'<h2 id="a{at}">Avsnitt {at}</h2><p>{" ".join(f"ord{n % 97}" for n in range(600))}'
        for at in range(20)
    ]
    for number in range(1, 11):
        body = "".join(f"{text} version {number} {number * 7} slut.</p>" for text in sections)
        publish(page, "", body=body, publish_at=day(2026, 3, number))
    client.get(f"{URL}1..2/")

    began = process_time()
    response = client.get(f"{URL}1..10/")

    assert process_time() - began < 1
    assert len(found(r"<h2[^>]*>(.*?)</h2>", main_of(response))) == 20


def test_difference_costs_the_same_with_many_steps(client, page, three):
    client.get(f"{URL}1..3/")
    few = len(queries_of(client, f"{URL}1..3/"))
    for version in (three[0], three[2]):
        for at in range(30):
            make_step(version=version, position=at)

    assert len(queries_of(client, f"{URL}1..3/")) <= few + 8


# The page itself


def test_page_leads_to_its_versions_and_to_what_is_new(client, page, three):
    response = client.get(page.get_absolute_url())

    meta = found(r'<dl class="page-meta">(.*?)</dl>', main_of(response))[0]
    assert (
        "Version 3, 1 september 2026 Historik Vad är nytt i version 3 · Alla versioner (3)" in meta
    )
    assert f'<a href="{URL}2..3/">' in main_of(response)


# Labels of sections


def labelled(client, page):
    """{section's id: label}, as readers meet them on the page."""
    pattern = r'<h[23] id="([^"]+)">[^<]*</h[23]>\s*<p class="section-label">(.*?)</p>'
    html = main_of(client.get(page.get_absolute_url()))
    return {anchor: words(label) for anchor, label in re.findall(pattern, html, re.S)}


def test_major_change_labels_what_it_alters_and_brings(client, page):
    publish(page, "", body=sections(a="ett", b="två", c="tre"), publish_at=day(2026, 3, 1))
    second = publish(
        page,
        "",
        body=sections(a="ett", b="två <strong>till</strong>", c="<em>tre</em>", d="fyra"),
        publish_at=day(2026, 6, 1),
        is_major=True,
    )

    assert labelled(client, page) == {"b": "ändrad 2026", "d": "ny 2026"}
    assert second.contents == [{"id": name, "title": name} for name in "abcd"]
    assert "<!--" not in main_of(client.get(page.get_absolute_url())).split("article-body")[1]


def test_first_version_and_minor_changes_label_nothing(client, page):
    publish(page, "", body=sections(a="ett"), publish_at=day(2026, 3, 1), is_major=True)
    assert labelled(client, page) == {}
    publish(page, "", body=sections(a="ett till"), publish_at=day(2026, 6, 1))
    assert labelled(client, page) == {}


def test_label_stays_through_minor_changes_for_twelve_months(client, page, clock):
    publish(page, "", body=sections(a="ett", b="två"), publish_at=day(2026, 3, 1))
    publish(page, "", body=sections(a="nytt", b="två"), publish_at=day(2026, 6, 1), is_major=True)
    publish(page, "", body=sections(a="nytt!", b="två"), publish_at=day(2026, 7, 1))

    assert labelled(client, page) == {"a": "ändrad 2026"}
    clock.move_to(day(2027, 5, 31))
    assert labelled(client, page) == {"a": "ändrad 2026"}
    clock.move_to(day(2027, 6, 1))
    assert labelled(client, page) == {}


def test_steps_are_labelled_too(client, page):
    first = publish(page, "", body="", publish_at=day(2026, 3, 1))
    old = make_step(version=first, anchor="forst", title="Först")
    second = publish(page, "", body="", publish_at=day(2026, 6, 1), is_major=True)
    make_step(version=second, anchor="forst", title="Först", uuid=old.uuid, text="<p>Nytt.</p>")
    make_step(version=second, anchor="sedan", title="Sedan", position=1)
    rendering.render_version(second)

    assert labelled(client, page) == {"forst": "ändrad 2026", "sedan": "ny 2026"}


def test_labels_are_not_in_an_earlier_version(client, page):
    publish(page, "", body=sections(a="ett"), publish_at=day(2026, 3, 1))
    publish(page, "", body=sections(a="två"), publish_at=day(2026, 6, 1), is_major=True)

    assert "ändrad 2026" not in client.get(f"{URL}2/").content.decode()


def test_labels_ask_the_database_the_same_for_one_and_many_versions(
    page, django_assert_max_num_queries
):
    chain = [
        publish(page, "", body=sections(a=f"ord {n}"), is_major=True,
                publish_at=day(2026, 6, n + 1), number=n + 1)
        for n in range(12)
    ]  # fmt: skip

    with django_assert_max_num_queries(7):
        section_labels(chain[-1], chain[-2::-1])


# A major change is told


def test_major_change_without_a_note_is_refused_by_form_and_action(page):
    form = VersionForm(
        {"title": "Rubrik", "body": "<p>a</p>", "is_major": "on", "change_note": " "}
    )
    assert form.errors["change_note"] == [actions.NOTE_FOR_MAJOR]
    assert "change_note" not in VersionForm({"title": "Rubrik", "body": "<p>a</p>"}).errors

    publisher = member("administratör")
    draft = make_version(page=page, state=VersionState.DRAFT, publish_at=None, is_major=True)
    with pytest.raises(actions.TransitionRefused) as refused:
        actions.approve_and_publish(draft, by=publisher, revision=page.revision)
    assert refused.value.messages == (actions.NOTE_FOR_MAJOR,)
    page.refresh_from_db()
    draft.change_note = "Ny regel."
    draft.save()
    actions.approve_and_publish(draft, by=publisher, revision=page.revision)
    assert page.versions.live().exists()
