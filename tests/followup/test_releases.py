"""The page where a year's values are let out, and what is seen before and after."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from followup.models import IndicatorVersion, Measurement, Release
from tests.factories import (
    let_out,
    make_indicator,
    make_manager,
    make_measurement,
    make_unit,
    make_unit_kind,
)
from tests.pages import found, main_of, words

pytestmark = pytest.mark.django_db
LIST = "/uppfoljning/publicering/"
PAGE = "/uppfoljning/publicering/prov-andel/2025/"


@pytest.fixture
def kind():
    return make_unit_kind()


@pytest.fixture
def indicator(kind):
    indicator = make_indicator(code="prov-andel", name="Provandel")
    indicator.comparison_kinds.add(kind)
    return indicator


@pytest.fixture
def small(indicator, kind):
    """A unit with 3 of 47, a shield with 11 of 61, and a large one."""
    unit = make_unit(name="Lilla enheten", kind=kind)
    for each, counts in (
        (unit, (3, 47)),
        (make_unit(name="Skölden", kind=kind), (11, 61)),
        (make_unit(name="Stora enheten", kind=kind), (40, 100)),
    ):
        make_measurement(indicator=indicator, unit=each, numerator=counts[0], denominator=counts[1])
    return unit


def staff(group):
    user = get_user_model().objects.create_user(f"{group}@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def releaser(client):
    client.force_login(staff("uppföljningsansvarig"))
    return client


def answers(client, **more):
    """What the form on the page would send when it is filled in."""
    page = main_of(client.get(PAGE))
    [seen] = found(r'name="seen" value="(.*?)"', page)
    return {"seen": seen, "checked": "on", **more}


def report(client, unit):
    return client.get(f"/uppfoljning/enheter/{unit.hsa_id}/")


def test_only_who_may_release_reaches_the_pages(client, small):
    assert [client.get(url).status_code for url in (LIST, PAGE)] == [302, 302]
    for group in ("redaktör", "kursansvarig", "granskare"):
        client.force_login(staff(group))
        assert [client.get(url).status_code for url in (LIST, PAGE)] == [403, 403]
        assert client.post(PAGE, {"checked": "on"}).status_code == 403
    client.force_login(make_manager(unit=small).user)
    assert [client.get(url).status_code for url in (LIST, PAGE)] == [403, 403]
    assert not Release.objects.filter(indicator__code="prov-andel").exists()


def test_released_after_a_look(releaser, small, indicator, client):
    assert "Provandel 2025" in words(main_of(releaser.get(LIST)))
    page = words(main_of(releaser.get(PAGE)))
    assert "Lilla enheten dolt saknas saknas – –" in page
    assert "Stora enheten 40,0 % saknas saknas 40 100" in page

    response = releaser.post(PAGE, answers(releaser), follow=True)

    assert "Provandel 2025 är publicerad." in words(main_of(response))
    release = Release.objects.get(indicator=indicator)
    assert (release.year, release.released_by.email) == (2025, "uppföljningsansvarig@example.org")
    client.logout()
    public = client.get(indicator.get_absolute_url())
    assert "Stora enheten 40,0 %" in words(main_of(public))
    assert "6,4" not in words(main_of(public))


def test_nothing_is_released_without_the_check_or_after_a_change(releaser, small, indicator):
    seen = answers(releaser)
    without = releaser.post(PAGE, {"seen": seen["seen"]})
    assert "Kryssa i att du har kontrollerat värdena." in words(main_of(without))

    Measurement.objects.filter(unit=small).update(numerator=30)
    late = releaser.post(PAGE, seen)

    assert late.status_code == 409
    assert "har ändrats sedan du öppnade sidan" in words(main_of(late))
    assert not Release.objects.filter(indicator=indicator).exists()


@pytest.mark.parametrize(
    "seen",
    [
        "",
        "x",
        "0" * 64,
        "0" * 65,
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_odd_digests_release_nothing(releaser, small, indicator, seen):
    response = releaser.post(PAGE, {"seen": seen, "checked": "on"})

    assert response.status_code in {200, 409}
    assert not Release.objects.filter(indicator=indicator).exists()


def test_correction_says_what_was_corrected(releaser, small, indicator):
    releaser.post(PAGE, answers(releaser))
    Measurement.objects.filter(unit__name="Stora enheten").update(numerator=44)

    silent = releaser.post(PAGE, answers(releaser))
    personal = releaser.post(PAGE, answers(releaser, reason="Fel på 19121212-1212"))
    releaser.post(PAGE, answers(releaser, reason="Stora enhetens täljare"))

    assert "Skriv vad som är rättat." in words(main_of(silent))
    assert "personnummer" in words(main_of(personal)).lower()
    page = words(main_of(releaser.get(indicator.get_absolute_url())))
    assert "rättad: Stora enhetens täljare" in page
    assert Release.objects.filter(indicator=indicator).count() == 2


def test_refusal_lists_what_would_be_revealed(releaser, small, indicator):
    releaser.post(PAGE, answers(releaser))
    Measurement.objects.filter(unit__name="Skölden").update(numerator=0)

    page = words(main_of(releaser.get(PAGE)))
    response = releaser.post(PAGE, {"seen": "0", "checked": "on", "reason": "Prov"})

    assert "Lilla enheten, totalt: täljare" in page
    assert "Kan inte publiceras" in page
    assert response.status_code == 409
    assert Release.objects.filter(indicator=indicator).count() == 1


@pytest.mark.parametrize("year", ["0", "1", "1989", "2024", "99999", "99999999999999999999"])
def test_years_without_values_are_not_found(releaser, small, year):
    assert releaser.get(f"/uppfoljning/publicering/prov-andel/{year}/").status_code == 404


def test_before_the_release_only_those_involved_see_the_values(client, small):
    def seen():
        page = words(main_of(report(client, small)))
        return "6,4 %" in page, "inte publicerat" in page

    assert seen() == (False, False)
    client.force_login(make_manager(unit=make_unit()).user)
    assert seen() == (False, False)
    client.force_login(make_manager(unit=small).user)
    assert seen() == (True, True)
    client.force_login(staff("uppföljningsansvarig"))
    assert seen() == (True, True)


def test_own_manager_sees_the_hidden_value_on_every_form_and_no_other(client, small, indicator):
    let_out(indicator)
    client.force_login(make_manager(unit=small).user)

    page = client.get(indicator.get_absolute_url())
    rows = client.get(f"{indicator.get_absolute_url()[:-1]}.json").json()["items"]
    csv = client.get(f"{indicator.get_absolute_url()[:-1]}.csv").content.decode()

    assert "Lilla enheten 6,4 % *" in words(main_of(page)).replace("%*", "% *")
    assert "Skölden dolt" in words(main_of(page))
    assert {r["unit"]: r["numerator"] for r in rows} == {
        "Regionen": 54,
        "Lilla enheten": 3,
        "Skölden": None,
        "Stora enheten": 40,
    }
    assert ";6,4;3;47" in csv
    assert "no-store" in page.headers["Cache-Control"]
    assert "private" in page.headers["Cache-Control"]


def test_answers_differ_by_cookie(client, small, indicator):
    let_out(indicator)
    for ending in ("/", ".csv", ".json"):
        response = client.get(f"{indicator.get_absolute_url()[:-1]}{ending}")
        assert "Cookie" in response.headers["Vary"]
        assert "no-store" not in response.headers.get("Cache-Control", "")


def test_new_definition_is_told_and_breaks_the_line(client, indicator, kind):
    unit = make_unit(kind=kind)
    for year in range(2021, 2026):
        make_measurement(indicator=indicator, unit=unit, year=year, numerator=20 + year - 2020)
    IndicatorVersion.objects.create(
        indicator=indicator, first_year=2024, change="Nämnaren är ny.", breaks_series=True
    )
    let_out(indicator)

    main = main_of(client.get(indicator.get_absolute_url()))

    assert "Värden före 2024 är räknade på ett annat sätt och kan inte jämföras." in words(main)
    assert "Från 2024: serien bryts Nämnaren är ny." in words(main)
    assert len(found(r'(<line class="break")', main)) == 1
    assert "upp från 24,0 % år 2024" in words(main)
