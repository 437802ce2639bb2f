"""Every address under /admin/ and /konto/, with queries that no page of ours sends.

The addresses come from the resolver, so that a new one is tried the day it is made. Whatever
is asked, the answer is below 500.
"""

import os
import re

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern

pytestmark = pytest.mark.django_db

FINE = {200, 301, 302, 400, 403, 404, 405, 409, 413, 429}
WHO = ["anonymous", *sorted(["redaktör", "granskare", "enhetschef", "kursansvarig"]), "chef"]
IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"
FORM = "application/x-www-form-urlencoded"
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
    """Of many things to try, the few that fall to an address; all of them in full scale."""
    things = list(things)
    return things if IN_FULL else [things[(place * 3 + n) % len(things)] for n in range(3)]


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


def test_no_query_breaks_an_address(browser):
    requests = [
        ("GET", address, query, b"", FORM)
        for place, pattern in enumerate(ADDRESSES)
        for query in share(QUERIES, place)
        for address in filled(pattern)
    ]

    assert tried(browser("chef"), requests) == []


def test_passwords_cannot_be_guessed_through_a_list(browser):
    chief = browser("chef")

    assert chief.get("/admin/accounts/user/?password__startswith=pbkdf2").status_code == 400
