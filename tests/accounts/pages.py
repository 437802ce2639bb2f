"""The pages under /konto/: who visits them in tests, and how they are read."""

import re

from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse

from portal.accounts import urls

EMAIL, PASSWORD = "erik@exempelland.example.org", "Vinterdäck-och-kaffe-7"
ENGLISH = re.compile(
    r"\b(the|your|password|sign in|sign out|log in|please|this|email|incorrect|invalid|"
    r"required|field|authenticator|security key)\b",
    re.IGNORECASE,
)


def sign_in(client, email=EMAIL, password=PASSWORD, **query):
    address = reverse("account_login", query=query)
    return client.post(address, {"login": email, "password": password})


def is_signed_in(client):
    return client.get("/konto/").status_code == 200


def confirm(client):
    """Security pages ask for the password once more, even right after signing in."""
    response = client.post("/konto/bekrafta/", {"password": PASSWORD, "next": "/konto/"})
    assert response["Location"] == "/konto/"


def text_of(response):
    """What a person reads: without markup and without the form's secrets and addresses."""
    html = response.content.decode().split("<main", 1)[-1].split("</main>")[0]
    html = re.sub(r"<(script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def code_of(secret):
    return totp.format_hotp_value(
        totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
    )


def addresses():
    """Each address under /konto/, with made-up values in its places."""
    values = {"pk": "1", "token": "påhittad", "uidb36": "1", "key": "abc-123"}
    return [
        (pattern.name, {key: values[key] for key in pattern.pattern.regex.groupindex})
        for pattern in urls.urlpatterns
    ]


def policy(response):
    parts = response["Content-Security-Policy"].split("; ")
    return {name: " ".join(rest) for name, *rest in (part.split() for part in parts)}
