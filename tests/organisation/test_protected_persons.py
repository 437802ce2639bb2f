"""A person with protected personal data is shown by name on no public address."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from organisation.mailboxes import addresses_of
from organisation.models import Appointment, Person, Role
from portal.search.index import rebuild
from portal.search.models import SearchTerm
from tests.factories import make_appointment, make_person
from tests.pages import main_of, words

# Each has a role in the starting content: at a unit, and one for the whole region that owns
# pages, answers courses and stands in processes.
NAMES = ("Hanna Demosson", "Bo Provberg", "Cilla Testlund", "Ada Exempelsson", "David Skissgren")
SURNAMES = tuple(name.split()[1] for name in NAMES)


@pytest.fixture
def protected(db):
    assert Person.objects.filter(name__in=NAMES).update(protected=True) == len(NAMES)
    SearchTerm.objects.all().delete()
    rebuild()


def public_addresses(client):
    """Every page of the site map, its print, feeds, history, and a day before; search by name."""
    import re

    sitemap = client.get("/sitemap.xml").content.decode()
    pages = [
        re.sub(r"^https?://[^/]+", "", url) for url in re.findall(r"<loc>(.*?)</loc>", sitemap)
    ]
    assert len(pages) > 100
    extra = []
    for url in pages:
        extra += [f"{url}utskrift/", f"{url}versioner/", f"{url}atom.xml"]
        if url.startswith(("/organisation/enheter/", "/organisation/roller-och-ansvar/")):
            extra += [f"{url}?datum=2026-01-15", f"{url}?datum=2027-01-15"]
    searches = [f"/sok/?q={word}" for name in NAMES for word in name.split()]
    directory = [f"/organisation/enheter/?page={page}" for page in (1, 2)]
    return [*pages, *extra, *searches, *directory, "/aktuellt/atom.xml", "/sitemap.xml"]


def test_names_are_shown_before_they_are_protected(client, db):
    """What the test below looks for is there to be found."""
    shown = {
        name: any(
            name in client.get(row.unit.get_absolute_url()).content.decode()
            or name in client.get(row.role.get_absolute_url()).content.decode()
            for row in Appointment.objects.public().filter(person__name=name)
        )
        for name in NAMES
    }

    assert shown == dict.fromkeys(NAMES, True)


def test_protected_name_stands_on_no_public_address(client, protected):
    leaks = {}
    answered = 0
    for url in public_addresses(client):
        response = client.get(url)
        if response.status_code != 200:
            continue
        answered += 1
        body = response.content.decode()
        if url.startswith("/sok/"):
            body = body.partition("<main")[2].replace(f'value="{url.partition("=")[2]}"', "")
            body = body.partition("result-list")[2]
        if found := [name for name in (*NAMES, *SURNAMES) if name in body]:
            leaks[url] = found

    assert leaks == {}
    assert answered > 200


def test_function_and_mailbox_show_instead_as_for_one_without_a_name(client, protected):
    row = Appointment.objects.select_related("unit", "role").get(person__name="Hanna Demosson")

    page = main_of(client.get(row.unit.get_absolute_url()))
    section = page.partition('id="roll-rehabkoordinator"')[2].partition("</section>")[0]
    assert words(section.partition("</h3>")[2]).startswith(
        "Funktion finns utan namngiven person reko.provstad-norr@ exempelland .example .org"
    )
    assert "08-465 004 26" not in section


def test_own_address_is_not_shown(client, protected):
    row = Appointment.objects.get(person__name="Hanna Demosson")
    Appointment.objects.filter(pk=row.pk).update(email="hanna.demosson@exempelland.example.org")

    assert "demosson" not in client.get(row.unit.get_absolute_url()).content.decode().lower()


def test_search_finds_no_protected_name_and_suggests_none(client, protected):
    assert not SearchTerm.objects.filter(form__contains="demosson").exists()
    page = words(main_of(client.get("/sok/", {"q": "Demoson"})))

    assert "Demosson" not in page


def test_letters_still_reach_the_one_who_has_the_role(protected):
    role = Role.objects.get(code="processtod")

    assert addresses_of([role.pk])[role.pk] == ("processtod@exempelland.example.org",)


def test_row_as_readers_see_it_is_not_saved(protected):
    pk = Appointment.objects.get(person__name="Hanna Demosson").pk
    row = Appointment.objects.public().get(pk=pk)

    assert (row.state, row.person, row.holder) == ("function", None, "")
    with pytest.raises(RuntimeError):
        row.save()


def test_editor_who_protects_a_person_takes_the_name_from_search_at_once(client, db):
    person = make_person(name="Örjan Skyddsvall")
    row = make_appointment(person=person, valid_from=date(2026, 1, 1))
    rebuild()
    assert SearchTerm.objects.filter(form__contains="skyddsvall").exists()
    client.force_login(get_user_model().objects.create_superuser("su@example.org", "x"))
    url = reverse("admin:organisation_person_change", args=[person.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields} | {"protected": "on"}
    opened = client.get(url).context["opened_as"]

    response = client.post(url, {**data, "_opened": opened})

    assert response.status_code == 302
    assert not SearchTerm.objects.filter(form__contains="skyddsvall").exists()
    client.logout()
    assert "Skyddsvall" not in client.get(row.unit.get_absolute_url()).content.decode()
    assert "Skyddsvall" not in main_of(client.get("/sok/?q=rjan")).partition("result")[2]
