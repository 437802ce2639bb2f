"""The site's settings reach every reader at once, for one query a request."""

import html
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.adapter import get_adapter
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts import letters
from portal.accounts.models import Invitation
from portal.packs.dumper import dump_pack
from portal.packs.loader import load_pack
from portal.web.models import ServiceMessage, SiteSettings
from tests.conftest import PACK, TODAY
from tests.factories import make_service_message
from tests.portal.addresses import SIGNED_IN_ONLY, public_addresses

pytestmark = pytest.mark.django_db

LIGHT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40"><rect fill="#123456"/></svg>'
DARK = LIGHT.replace("123456", "abcdef")
CHANGE = reverse("admin:web_sitesettings_change", args=[1])
ADD_MESSAGE = reverse("admin:web_servicemessage_add")
HTML_PAGES = {
    "start": "/",
    "guidance": "/intyg/skriva-bra-intyg/",
    "list": "/intyg/",
    "units": "/organisation/enheter/",
    "role": "/organisation/roller-och-ansvar/fma/",
    "calendar": "/kompetens/kalender/",
    "indicator": "/uppfoljning/indikatorer/sjuk-1000/",
    "search": "/sok/?q=samtycke",
    "news": "/aktuellt/",
    "document": "/dokument/samtycke-arbetsgivare/",
    "not found": "/finns-inte/",
    "sign-in": "/konto/logga-in/",
    "password": "/konto/losenord/glomt/",
}
each_page = pytest.mark.parametrize("address", HTML_PAGES.values(), ids=HTML_PAGES)


def settings_with(**fields):
    """The demo region's row with other values, checked as when it is saved."""
    site = SiteSettings.objects.get()
    for name, value in fields.items():
        setattr(site, name, value)
    site.full_clean()
    site.save()
    return site


def member(group):
    user = get_user_model().objects.create_user(f"{group}@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def administrator(client):
    client.force_login(member("administratör"))
    return client


def page_text(response):
    return html.unescape(response.content.decode())


def post_settings(client, **changes):
    """As the form sends it: multipart, with the token of what it held when it was opened."""
    opened = client.get(CHANGE).context["opened_as"]
    values = {"region_name": "", "hue": "", "change_reason": "Prov", "_opened": opened}
    return client.post(CHANGE, {**values, **changes})


# -- what readers see ----------------------------------------------------------------------


@each_page
def test_page_shows_name_hue_contact_and_logo_of_the_row(client, address):
    settings_with(
        region_name="Region Å & Ö",
        hue=31,
        contact_name="Redaktionen",
        contact_email="redaktion@example.org",
        contact_phone="08-465 004 00",
        logo=LIGHT,
    )
    page = page_text(client.get(address))
    footer = page.partition('<footer class="site-footer">')[2]
    image = re.search(r'<a class="site-logo".*?<img ([^>]*)>', page, re.S)[1]

    assert "Försäkringsmedicin, Region Å & Ö</title>" in page
    assert "Region Exempelland" not in page.partition("<main")[0]
    assert 'href="/tema/31.css?v=' in page
    assert "Stöd för dig i Region Å & Ö" in footer
    assert "Kontakt: Redaktionen" in footer
    assert 'href="mailto:redaktion@example.org"' in footer
    assert 'href="tel:+4684650 0400"'.replace(" ", "") in footer
    assert re.fullmatch(
        r'class="on-light" src="/logotyp-\w{16}\.svg" width="100" height="40" alt="Region Å & Ö"',
        image,
    )


def test_without_anything_saved_the_environment_counts(client):
    SiteSettings.objects.all().delete()
    with override_settings(REGION_NAME="Region Nyss", REGION_HUE=99):
        page = page_text(client.get("/"))

    assert "Försäkringsmedicin, Region Nyss</title>" in page
    assert 'href="/tema/99.css?v=' in page
    assert 'class="logo-mark"' in page
    assert "noindex" not in page
    assert "Kontakt:" not in page


def test_empty_name_and_hue_leave_them_to_the_environment(client):
    settings_with(region_name="", hue=None)
    with override_settings(REGION_NAME="Region Nyss", REGION_HUE=99):
        page = page_text(client.get("/"))

    assert "Försäkringsmedicin, Region Nyss</title>" in page
    assert 'href="/tema/99.css?v=' in page


def test_hue_zero_is_a_hue(client):
    settings_with(hue=0)

    assert 'href="/tema/0.css?v=' in client.get("/").text


def test_admin_feed_letters_and_codes_bear_the_name(admin_client):
    settings_with(region_name="Region Namn")
    admin = admin_client.get("/admin/").text
    feed = admin_client.get("/aktuellt/atom.xml").text
    invitation = Invitation(email="ny@example.org")
    invitation.renew()
    invitation.save()
    about = {"site": "https://example.org/", "invitation": invitation.pk}
    assert "<title>Redigering | Redigering, Region Namn</title>" in admin
    assert "<b>Försäkringsmedicin</b> Redigering, Region Namn</span>" in admin
    assert "Aktuellt i försäkringsmedicin, Region Namn" in feed
    letter = letters.invitation(invitation.email, about)[1]
    assert "webbplatsen om sjukskrivning och rehabilitering i Region Namn" in letter
    assert get_adapter().get_totp_issuer() == "Försäkringsmedicin Region Namn"


# -- one query -----------------------------------------------------------------------------


def site_queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return [each["sql"] for each in captured if "web_sitesettings" in each["sql"]]


@each_page
def test_page_reads_settings_and_messages_with_one_query(client, address):
    settings_with(logo=LIGHT, logo_dark=DARK)
    make_service_message()
    make_service_message(text="En till.")
    queries = site_queries(client, address)

    assert len(queries) == 1
    assert '"logo",' not in queries[0]


def test_guidance_page_with_messages_costs_seven_when_nothing_is_kept_in_all(client):
    make_service_message()
    make_service_message()
    client.get("/intyg/skriva-bra-intyg/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/intyg/skriva-bra-intyg/")

    assert len(captured) <= 7


@pytest.mark.parametrize("address", ["/halsa/", "/halsa/redo/", "/tema/200.css"])
def test_answers_without_a_frame_do_not_read_settings(client, address):
    assert site_queries(client, address) == []


def test_error_page_asks_nothing_and_keeps_what_is_known(client, rf):
    from portal.views import server_error
    from portal.web.site import site_of

    settings_with(hue=31)
    fresh, told = rf.get("/"), rf.get("/")
    site_of(told)
    with CaptureQueriesContext(connection) as captured:
        pages = [server_error(each).text for each in (fresh, told)]

    assert [re.search(r"/tema/(\d+)\.css", page)[1] for page in pages] == ["200", "31"]
    assert len(captured) == 0


# -- service messages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "shown"), [(-1, False), (0, True), (59, True), (60, False), (61, False)]
)
@pytest.mark.parametrize("address", ["/", "/konto/logga-in/", "/finns-inte/"])
def test_message_shows_only_in_its_interval(client, clock, address, minutes, shown):
    start = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
    make_service_message(
        text="Webcert är <stängt>.", starts_at=start, ends_at=start + timedelta(hours=1)
    )
    make_service_message(
        text="Nästa vecka.",
        starts_at=start + timedelta(days=7),
        ends_at=start + timedelta(days=8),
    )
    clock.move_to(start + timedelta(minutes=minutes))
    page = client.get(address).content.decode()
    before_header = page.partition('<header class="site-header">')[0]

    assert ("Webcert är &lt;stängt&gt;." in before_header) == shown
    assert ('<aside class="service-messages" aria-label="Driftinformation">' in page) == shown
    assert "Nästa vecka" not in page


def test_messages_stand_in_the_order_they_began_and_say_what_they_are(client):
    now = timezone.now()
    make_service_message(text="Andra.", kind=ServiceMessage.Kind.WARNING)
    make_service_message(text="Första.", starts_at=now - timedelta(days=1))
    words = re.findall(r"<strong>(\w+):</strong> (\w+)\.", client.get("/").text)

    assert words[:2] == [("Driftinformation", "Första"), ("Varning", "Andra")]


def test_message_must_end_after_it_begins(administrator):
    values = {"text": "Stopp.", "kind": "warning", "starts_at": "2026-11-24T08:00"}
    refused = administrator.post(ADD_MESSAGE, {**values, "ends_at": "2026-11-24T08:00"})
    assert "Driftinformationen måste sluta efter att den börjar." in page_text(refused)
    too_long = {**values, "text": "x" * 301, "ends_at": "2026-11-24T09:00"}
    assert "som mest 300 tecken" in page_text(administrator.post(ADD_MESSAGE, too_long))
    assert ServiceMessage.objects.count() == 0

    taken = administrator.post(ADD_MESSAGE, {**values, "ends_at": "2026-11-24T09:00"})

    assert taken.status_code == 302
    assert ServiceMessage.objects.get().starts_at == datetime(
        2026, 11, 24, 8, tzinfo=ZoneInfo("Europe/Stockholm")
    )


def test_editor_plans_a_message_before_any_settings_are_saved(client):
    SiteSettings.objects.all().delete()
    client.force_login(member("redaktör"))
    values = {
        "text": "Planerat.",
        "kind": "information",
        "starts_at": "2026-11-23T08:00",
        "ends_at": "2026-11-23T10:00",
    }

    assert client.post(ADD_MESSAGE, values).status_code == 302
    assert "Planerat." in Client().get("/").text
    assert "visas nu" in client.get(reverse("admin:web_servicemessage_changelist")).text


# -- search engines ------------------------------------------------------------------------


# Answers that are no pages, and read no settings.
QUIET = {
    "alive", "ready", "upkeep", "theme", "appearance", "guidance:page_calendar",
    "guidance:feedback_comment",
    "organisation:choose_unit", "organisation:unit_edit", "organisation:unit_attest",
    "organisation:unit_undo", "organisation:deputies", "organisation:deputy_end",
    *SIGNED_IN_ONLY,
}  # fmt: skip


def test_hidden_site_says_so_in_header_page_and_robots(client):
    addresses = public_addresses()
    settings_with(noindex=True)
    for name, address in addresses.items():
        response = client.get(address)
        told = response.headers.get("X-Robots-Tag")
        quiet = name in QUIET
        assert told == (None if quiet else "noindex"), address

    assert '<meta name="robots" content="noindex">' in client.get("/intyg/").text
    assert client.get("/robots.txt").text.strip() == "User-agent: *\nDisallow: /"


def test_open_site_says_nothing(client):
    settings_with(noindex=False)

    assert "X-Robots-Tag" not in client.get("/intyg/").headers
    assert 'name="robots"' not in client.get("/intyg/").text


def test_invented_region_is_hidden_and_a_new_one_is_not():
    assert SiteSettings.objects.get().noindex is True
    assert SiteSettings().noindex is False


# -- the logo ------------------------------------------------------------------------------


def test_logo_has_an_address_of_its_own_for_ever(client):
    site = settings_with(logo=LIGHT, logo_dark=DARK)
    for logo, colour in ((site.light_logo, "#123456"), (site.dark_logo, "#abcdef")):
        response = client.get(logo.url)
        assert response.status_code == 200
        assert colour in response.text
        assert response.headers["Content-Type"] == "image/svg+xml"
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
        )
        assert response.cookies == {}

    old = site.light_logo.url
    site = settings_with(logo=DARK, logo_dark="")
    assert site.light_logo.url != old
    assert client.get(old).status_code == 404


@pytest.mark.parametrize("code", ["", "a" * 16, "a" * 4000, "..", "%00"])
def test_no_such_logo_is_not_found(client, code):
    settings_with(logo="")

    assert client.get(f"/logotyp-{code}.svg").status_code == 404


def test_dark_logo_follows_device_or_choice(client):
    site = settings_with(logo=LIGHT, logo_dark=DARK)
    light, dark = site.light_logo.url, site.dark_logo.url

    def logo_markup(appearance=""):
        client.cookies["utseende"] = appearance
        page = client.get("/").text
        return re.search(r'class="site-logo" href="/">(.*?)</a>', page, re.S)[1]

    assert f'<source media="(prefers-color-scheme: dark)" srcset="{dark}"' in logo_markup()
    assert f'<img src="{light}"' in logo_markup()
    assert f'src="{dark}"' in logo_markup("dark")
    assert light not in logo_markup("dark")
    assert f'src="{light}"' in logo_markup("light")
    assert dark not in logo_markup("light")


@pytest.mark.parametrize(
    ("box", "size"), [("0 0 40 40", (40, 40)), ("0 0 160 40", (160, 40)), ("0 0 80 10", (160, 20))]
)
def test_logo_fits_the_header(box, size):
    site = settings_with(logo=LIGHT.replace("0 0 100 40", box))

    assert (site.light_logo.width, site.light_logo.height) == size


def test_model_refuses_a_bad_logo_and_a_dark_one_alone():
    with pytest.raises(ValidationError) as refused:
        settings_with(logo=LIGHT.replace("rect", "script"))
    assert list(refused.value.message_dict) == ["logo"]
    with pytest.raises(ValidationError) as refused:
        settings_with(logo="", logo_dark=DARK)
    assert list(refused.value.message_dict) == ["logo_dark"]


# -- the form ------------------------------------------------------------------------------


def test_administrator_saves_and_history_remembers(administrator):
    upload = SimpleUploadedFile("logo.svg", LIGHT.encode("utf-16"))
    saved = post_settings(
        administrator, region_name="Region Ny", hue="#0062ba", logo=upload, noindex="on"
    )
    site = SiteSettings.objects.get()

    assert saved.status_code == 302
    assert (site.region_name, site.hue, site.noindex) == ("Region Ny", 254, True)
    assert site.logo.startswith("<svg ")
    assert site.history.first().history_change_reason == "Prov"
    page = administrator.get(CHANGE).text
    assert f'<img src="{site.light_logo.url}"' in page
    assert 'style="' not in page
    assert 'aria-label="Ljust läge: #' in page

    assert post_settings(administrator, region_name="Region Ny", hue="254").status_code == 302
    assert SiteSettings.objects.get().logo == site.logo  # no file keeps what there is
    post_settings(administrator, remove_logo="on")
    assert SiteSettings.objects.get().light_logo is None

    old = site.history.filter(hue=254).last()
    version = reverse("admin:web_sitesettings_simple_history", args=[1, old.pk])
    opened = administrator.get(version).context["opened_as"]
    values = {"region_name": "Region Ny", "hue": "254", "_opened": opened}
    back = administrator.post(version, values)
    assert back.status_code == 302
    assert SiteSettings.objects.get().light_logo == site.light_logo


@pytest.mark.parametrize("hue", ["360", "-1", "blå", "#808080", "#12", "1.5", "9" * 20, "#gggggg"])
def test_impossible_hue_is_told_and_nothing_stored(administrator, hue):
    response = post_settings(administrator, region_name="Byts inte", hue=hue)

    assert "Ange en kulör som ett helt tal 0–359" in page_text(response)
    assert SiteSettings.objects.get().region_name == ""


def test_hue_whose_contrast_fails_is_told(administrator, monkeypatch):
    monkeypatch.setattr("portal.web.theme.PAIRS", (("line", "bg", 4.5),))
    from portal.web.theme import theme_css

    theme_css.cache_clear()
    page = page_text(post_settings(administrator, hue="77"))

    assert "Färgens kontrast räcker inte: Hue 77" in page
    assert "line on bg in light mode" in page


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\n", "en PNG-bild"),
        (b" " * 10_000_000, "Filen är 10000 kB"),
        (LIGHT.replace("rect", "script").encode(), "elementet ”script”"),
        (b"", "Den skickade filen är tom"),
    ],
    ids=["PNG", "10 MB", "script", "empty"],
)
@pytest.mark.parametrize("field", ["logo", "logo_dark"])
def test_bad_logo_is_told_and_nothing_stored(administrator, field, content, told):
    upload = SimpleUploadedFile("logo.svg", content, "image/svg+xml")
    response = post_settings(administrator, region_name="Byts inte", **{field: upload})

    assert response.status_code == 200
    assert told in page_text(response)
    assert SiteSettings.objects.get().region_name == ""


# -- one row -------------------------------------------------------------------------------


def test_there_is_one_row_that_nobody_adds_to_or_deletes(admin_client):
    for page in ("add", "delete"):
        args = [1] if page == "delete" else []
        address = reverse(f"admin:web_sitesettings_{page}", args=args)
        assert admin_client.get(address).status_code == 403
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
    with pytest.raises(ValidationError, match="finns redan"):
        SiteSettings().full_clean(exclude=["id"])
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(id=2)

    assert SiteSettings.objects.count() == 1


def test_first_row_is_made_by_who_may_change_it(administrator):
    SiteSettings.objects.all().delete()
    response = administrator.post(
        reverse("admin:web_sitesettings_add"), {"region_name": "Region Först", "hue": "10"}
    )

    assert response.status_code == 302
    assert SiteSettings.objects.get().name == "Region Först"


def test_editor_does_not_meet_the_settings(client):
    client.force_login(member("redaktör"))

    assert client.get(CHANGE).status_code == 403
    assert client.post(CHANGE, {"region_name": "Min"}).status_code == 403


# -- packs and processes -------------------------------------------------------------------


def test_pack_carries_the_settings_and_leaves_an_editors_alone(tmp_path):
    settings_with(region_name="Region Egen", hue=0, logo=LIGHT, logo_dark=DARK)
    assert load_pack(PACK, on=TODAY).changed is False
    assert SiteSettings.objects.get().region_name == "Region Egen"
    dump_pack(tmp_path, name="egen")
    SiteSettings.objects.all().delete()

    load_pack(tmp_path, on=TODAY)

    site = SiteSettings.objects.get()
    assert (site.name, site.theme_hue, site.noindex) == ("Region Egen", 0, True)
    assert site.light_logo.width == 100
    assert site.logo_dark == DARK.replace("/>", " />").replace(
        'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40"',
        'viewBox="0 0 100 40" xmlns="http://www.w3.org/2000/svg"',
    )
