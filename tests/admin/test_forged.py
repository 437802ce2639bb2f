"""Every address under /admin/ and /konto/, with ids and bodies that no page of ours sends.

The addresses come from the resolver, so that a new one is tried the day it is made. Whatever
is sent, the answer is below 500, and nothing is stored but what a right form would store.
"""

import os
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern
from django.utils.http import urlencode

from education.models import Course
from guidance.models import Page
from organisation.models import Appointment, Role, Unit
from tests.factories import make_occasion

pytestmark = pytest.mark.django_db

FINE = {200, 301, 302, 400, 403, 404, 405, 409, 413, 429}
IDS = ["1", "-1", "0", str(10**30), "å", "%00", "..%2F", "%ED%A0%80", "a" * 3000]
WHO = ["anonymous", *sorted(["redaktör", "granskare", "enhetschef", "kursansvarig"]), "chef"]
IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"
MODELS_TRIED = [Unit, Role, Appointment, Page, Course]
FORM = "application/x-www-form-urlencoded"
MANAGEMENT = ["sessions", "responsibilities", "versions", "steg", "form"]


def forms_of(total, initial="0"):
    return {
        f"{prefix}-{name}": value
        for prefix in MANAGEMENT
        for name, value in [("TOTAL_FORMS", total), ("INITIAL_FORMS", initial)]
    }


BODIES = {
    "empty": (b"", FORM),
    "not a form": (b'{"a": [1, {}]}', "application/json"),
    "wrong types": (
        urlencode({"name": ["a", "b"], "unit": "x", "valid_from": "13", "position": "1e9"}, True),
        FORM,
    ),
    "a thousand fields": (urlencode({f"f{n}": n for n in range(999)}), FORM),
    "too many fields": (urlencode({f"f{n}": n for n in range(1_200)}), FORM),
    "NUL": (b"name=%00&email=%00&login=%00&password=%00&title=%00&slug=%00&_save=1", FORM),
    "half a character": (
        b"name=%ED%A0%80&login=%FF&title=%C3&email=%ED%A0%80&code=%ED%A0%80",
        FORM,
    ),
    "broken multipart": (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data"),
    "multipart without end": (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nhej',
        "multipart/form-data; boundary=x",
    ),
    "unknown charset": (b"name=a", f"{FORM}; charset=finns-inte"),
    "huge formset": (urlencode(forms_of("100000000")), FORM),
    "negative formset": (urlencode(forms_of("-1", "-5")), FORM),
    "formset of words": (urlencode(forms_of("å", "x")), FORM),
    "forged action": (
        urlencode(
            {
                "action": "delete_selected",
                "_selected_action": ["-1", "å", 10**30, "\x00"],
                "select_across": "x",
                "index": "99",
            },
            True,
        ),
        FORM,
    ),
    "unknown action": (
        b"action=__class__&_selected_action=1&select_across=1&index=-1",
        FORM,
    ),
    "popup": (b"_popup=1&_to_field=password&_saveasnew=1&_continue=1", FORM),
}
QUERIES = [
    "password__startswith=a",
    "author__password__startswith=pbkdf2",
    "unit__appointments__person__email__regex=.*",
    "o=999.-3",
    "p=1000000000",
    "p=-1",
    "all=",
    "_popup=1&_to_field=password",
    "_to_field=../../x",
    "_changelist_filters=%00",
    "_changelist_filters=" + "%25" * 200,
    "app_label=x&model_name=y&field_name=z&term=a",
    "app_label=organisation&model_name=appointment&field_name=unit&term=%00",
    "app_label=organisation&model_name=appointment&field_name=unit&term=(%5B*&page=x",
    "next=//ond.example.net",
    "title=%ED%A0%80",
    "date_from=x&confirmed_on__year=0",
    "unit=å&role=-1&valid_from=x",
    "id__in=" + "1," * 500,
    f"id__exact={10**30}&unit__id__exact={10**30}",
    "unit__id__exact=x&person__id__exact=x&page__id__exact=x",
    "id__in=x,%00",
    "is_active__isnull=x",
]


def patterns(of=None, before=""):
    """(address with {} for each part that varies) of every pattern there is."""
    for entry in (of or get_resolver()).url_patterns:
        pattern = entry.pattern
        if isinstance(pattern, RoutePattern):
            route = re.sub(r"<[^>]+>", "{}", pattern._route)
        elif isinstance(pattern, RegexPattern):
            regex = pattern._regex
            route = "losenord/glomt/{}-{}/" if "uidb36" in regex else "{}"
            route = route if "uidb36" in regex or pattern.regex.groups else "{}/"
        else:
            continue
        if isinstance(entry, URLPattern):
            yield before + route
        else:
            yield from patterns(entry, before + route)


ADDRESSES = sorted({f"/{each}" for each in patterns() if each.startswith(("admin/", "konto/"))})


def filled(address, odd=None):
    """An address with real ids, or with an odd one in one place at a time."""
    places = address.count("{}")
    if odd is None:
        return [address.format(*["1"] * places)]
    return [
        address.format(*[odd if place == at else "1" for at in range(places)])
        for place in range(places)
    ]


def everything():
    """How many rows there are of all that a forged request could make or take."""
    kept = {"session", "usersession", "logentry"}
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.model_name not in kept and model._meta.managed
    }


@pytest.fixture
def browser(db):
    """browser("redaktör") → a client signed in as somebody of that group."""

    def open_as(who):
        client = Client(raise_request_exception=False)
        client.user = None
        if who == "anonymous":
            return client
        accounts = get_user_model().objects
        user = accounts.filter(email=f"{WHO.index(who)}@example.org").first()
        if user is None:
            user = accounts.create_user(
                f"{WHO.index(who)}@example.org", "x", is_staff=True, is_superuser=who == "chef"
            )
            if who != "chef":
                user.groups.add(Group.objects.get(name=who))
        client.force_login(user)
        client.user = user
        return client

    return open_as


def test_resolver_gave_the_addresses():
    assert len(ADDRESSES) > 200
    assert "/admin/organisation/unit/{}/change/" in ADDRESSES
    assert "/admin/guidance/page/{}/versioner/{}/publicera/" in ADDRESSES
    assert "/konto/inbjudan/{}/" in ADDRESSES
    for model in admin.site._registry:
        assert f"/admin/{model._meta.app_label}/{model._meta.model_name}/" in ADDRESSES


def share(things, place):
    """Of many things to try, the one that falls to an address; all of them in full scale."""
    things = list(things)
    return things if IN_FULL else [things[place * 7 % len(things)]]


def tried(client, requests):
    """The requests that broke something: [(method, address, what was sent, status)].

    Each in a savepoint that is rolled back, after a look at what it left.
    """
    broken = []
    for method, address, query, body, kind in requests:
        with transaction.atomic():
            # Signing out, and ending sessions, are among what is tried.
            if client.user is not None:
                client.force_login(client.user)
            response = client.generic(method, address, body, content_type=kind, query_string=query)
            transaction.set_rollback(True)
        if response.status_code not in FINE:
            broken.append((method, address[:90], query[:60], body[:60], response.status_code))
    return broken


@pytest.mark.parametrize("who", WHO)
def test_no_id_in_an_address_breaks_it(who, browser):
    make_occasion()
    methods = ["GET", "POST"] if who in {"chef", "anonymous"} else ["GET"]
    requests = [
        (method, address, "", b"", FORM)
        for place, pattern in enumerate(ADDRESSES)
        for odd in (share([None, *IDS], place + WHO.index(who)) if "{}" in pattern else [None])
        for address in filled(pattern, odd)
        for method in methods
    ]

    assert tried(browser(who), requests) == []


def test_no_method_breaks_an_address_or_stores_anything(browser):
    client = browser("chef")
    before = everything()
    requests = [
        (method, address, "", b"", FORM)
        for place, pattern in enumerate(ADDRESSES)
        for method in share(["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"], place)
        for address in filled(pattern)
    ]

    assert tried(client, requests) == []
    assert everything() == before


def test_no_body_breaks_an_address(browser):
    requests = [
        ("POST", address, "", *BODIES[name])
        for place, pattern in enumerate(ADDRESSES)
        for name in share(BODIES, place)
        for address in filled(pattern)
    ]

    assert tried(browser("chef"), requests) == []


def test_no_query_breaks_an_address(browser):
    requests = [
        ("GET", address, query, b"", FORM)
        for place, pattern in enumerate(ADDRESSES)
        for query in share(QUERIES, place)
        for address in filled(pattern)
    ]

    assert tried(browser("chef"), requests) == []


@pytest.mark.parametrize("name", BODIES)
def test_no_body_stores_anything_through_a_form_or_list(name, browser):
    """Without a savepoint around: the rows are counted as the requests left them."""
    client = browser("chef")
    before = everything()
    body, kind = BODIES[name]
    for model in MODELS_TRIED:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for address in (base, f"{base}add/", f"{base}1/change/"):
            assert client.generic("POST", address, body, kind).status_code in FINE, address

    assert everything() == before


def test_passwords_cannot_be_guessed_through_a_list(browser):
    chief = browser("chef")

    assert chief.get("/admin/accounts/user/?password__startswith=pbkdf2").status_code == 400


@pytest.mark.parametrize("who", [each for each in WHO if each not in {"chef", "anonymous"}])
def test_group_without_the_right_stores_nothing_by_a_bulk_action(who, browser):
    client = browser(who)
    before = everything()
    for model in admin.site._registry:
        row = model._base_manager.order_by("pk").first()
        user = client.get("/admin/").wsgi_request.user
        name = f"{model._meta.app_label}.delete_{model._meta.model_name}"
        if row is None or user.has_perm(name):
            continue
        values = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.post(address, values).status_code in {200, 302, 403}

    assert everything() == before
