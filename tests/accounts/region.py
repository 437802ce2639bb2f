"""A browser's way through the region's sign-in, for tests."""

import re

from django.urls import reverse

from .oidc_provider import where_it_leads


def press(browser, **values):
    return browser.post(reverse("oidc_start"), values)


def come_back(browser, leaving):
    """Follows the browser to the provider and back to the site's own address."""
    assert leaving.status_code == 302
    return browser.get(where_it_leads(leaving["Location"]).removeprefix("http://testserver"))


def sign_in(browser, **values):
    return come_back(browser, press(browser, **values))


def user_of(browser):
    return browser.session.get("_auth_user_id")


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())
