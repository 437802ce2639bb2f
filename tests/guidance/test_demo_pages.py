"""fill_demo: pages by the thousand, the same each time."""

import pytest
from django.core.management import CommandError, call_command

from guidance.models import Page, PageVersion
from portal.search.models import SearchEntry


def fill(number, capsys):
    call_command("fill_demo", pages=number)
    return capsys.readouterr().out.strip()


def test_pages_are_published_found_and_made_once(client, db, capsys):
    assert fill(45, capsys) == "45 nya sidor."
    titles = [*filled().values_list("title", flat=True)]
    entries = SearchEntry.objects.filter(url__startswith="/fyllnad-")

    assert entries.count() == 45
    assert client.get("/fyllnad-0/fyllnad-0-39/").status_code == 200
    assert client.get("/fyllnad-1/").status_code == 200
    assert client.get("/fyllnad-1/fyllnad-1-5/").status_code == 404
    assert fill(46, capsys) == "1 nya sidor."
    assert [*filled().values_list("title", flat=True)][:45] == titles

    PageVersion.objects.filter(page__slug__startswith="fyllnad-").delete()
    Page.objects.filter(slug__startswith="fyllnad-", parent__isnull=False).delete()
    Page.objects.filter(slug__startswith="fyllnad-").delete()
    fill(46, capsys)
    assert [*filled().values_list("title", flat=True)][:45] == titles


def filled():
    return PageVersion.objects.filter(page__slug__startswith="fyllnad-").order_by("pk")


@pytest.mark.parametrize("number", [0, -1, 200_001])
def test_odd_numbers_are_refused(db, number):
    with pytest.raises(CommandError, match="1–200000 sidor"):
        call_command("fill_demo", pages=number)


def test_a_portal_with_real_data_is_left_alone(db, settings):
    settings.DEMO_DATA = False
    with pytest.raises(CommandError, match="ingen demonstration"):
        call_command("fill_demo", pages=1)
    assert not filled().exists()
