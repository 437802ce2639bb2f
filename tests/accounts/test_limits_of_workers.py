"""Limits hold across gunicorn's workers, and a forged X-Forwarded-For does not widen them."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.browser.conftest import free_port, wait_until_alive
from tests.faults.servers import wait_for

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "Vinterdäck-och-kaffe-7"
MAKE_ACCOUNTS = f"""
from portal.accounts.models import User
for name in ("erik", "vera", "lisa"):
    User.objects.create_user(name + "@example.org", {PASSWORD!r})
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The portal under gunicorn with two workers and the database's cache, as in production."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    environment = {
        **kept,
        "PORTAL_SECRET_KEY": "only-for-the-test-of-limits",
        "PORTAL_DATA_DIR": str(tmp_path_factory.mktemp("limits")),
        "PORTAL_BEHIND_PROXY": "1",
    }
    for command in (
        ["migrate", "--verbosity", "0"],
        ["createcachetable"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
        ["shell", "-c", MAKE_ACCOUNTS],
    ):
        manage = [sys.executable, "manage.py", *command]
        subprocess.run(manage, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn"]
    process = subprocess.Popen(
        [*gunicorn, "--workers", "2", "--bind", f"127.0.0.1:{port}", "portal.wsgi"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_alive(f"http://127.0.0.1:{port}", process)
        # The first answers as soon as it is there.
        wait_for(lambda: len(workers_of(process.pid)) == 2, "the second worker")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def workers_of(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Browser:
    """A new visitor, or the same one; the proxy in front adds the last address."""

    def __init__(self, base, proxied="192.0.2.1", forged=""):
        jar = CookieJar()
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open
        self.base = base
        self.headers = {"X-Forwarded-For": f"{forged}, {proxied}" if forged else proxied}

    def ask(self, path, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.base + path, data, self.headers)
        try:
            with self.open(request) as response:
                return response.status, response.geturl(), response.read().decode()
        except urllib.error.HTTPError as fault:
            return fault.code, request.full_url, fault.read().decode()

    def send(self, path, **fields):
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)', self.ask(path)[2])[1]
        return self.ask(path, {**fields, "csrfmiddlewaretoken": token})

    def sign_in(self, name, password):
        return self.send("/konto/logga-in/", login=f"{name}@example.org", password=password)


def only(pids, number):
    """Lets one of the workers answer: the other is stopped meanwhile."""
    for at, pid in enumerate(pids):
        os.kill(pid, signal.SIGCONT if at == number else signal.SIGSTOP)


@pytest.fixture
def workers(address):
    pids = workers_of(address[1])
    assert len(pids) == 2
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def test_wrong_passwords_spread_over_workers_and_places_lock_the_account(address, workers):
    base, _ = address
    for number in range(5):
        only(workers, number % 2)
        browser = Browser(base, proxied=f"192.0.2.{number + 10}", forged=f"10.0.0.{number}")
        assert "stämmer inte" in browser.sign_in("erik", "fel")[2]

    for number in (0, 1):
        only(workers, number)
        page = Browser(base, proxied=f"192.0.2.{number + 50}").sign_in("erik", PASSWORD)[2]
        assert "För många misslyckade försök" in page
    assert Browser(base, proxied="192.0.2.60").sign_in("vera", PASSWORD)[1] == f"{base}/konto/"


def test_forged_forwarding_does_not_widen_the_limit_of_a_place(address):
    base, _ = address
    statuses = [
        Browser(base, proxied="192.0.2.99", forged=f"10.1.0.{number}").send(
            "/konto/losenord/glomt/", email=f"ingen{number}@example.org"
        )[0]
        for number in range(21)
    ]

    assert statuses == [200] * 20 + [429]


def test_confirming_by_password_is_limited_for_the_account(address, workers):
    base, _ = address
    browser = Browser(base, proxied="192.0.2.120")
    browser.sign_in("lisa", PASSWORD)
    answers = []
    for number in range(12):
        only(workers, number % 2)
        browser.headers = {"X-Forwarded-For": f"10.2.0.{number}, 192.0.2.{number + 130}"}
        answers.append(browser.send("/konto/bekrafta/", password="fel")[0])

    assert answers[:5] == [200] * 5
    assert 429 in answers


@pytest.mark.parametrize("forged", ["ond", "1.1.1.1" * 300, "::1%eth0", "<script>", "1.2.3.4:99"])
def test_odd_forwarding_is_answered(address, forged):
    browser = Browser(address[0], proxied="192.0.2.200", forged=forged)
    assert "stämmer inte" in browser.sign_in("ingen", "fel")[2]
    browser.headers = {"X-Forwarded-For": forged}
    assert browser.ask("/konto/logga-in/")[0] < 500


def test_made_up_invitations_get_one_answer(address):
    base, _ = address
    pages = {Browser(base).ask(f"/konto/inbjudan/{token}/")[0] for token in ("a", "b" * 43)}
    assert pages == {404}
