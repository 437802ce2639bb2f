"""gunicorn with a mail server and a Redis of their own: what only shows between processes."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar

import pytest

from .conftest import ROOT, free_port, serving
from .mail_server import MailServer

PASSWORD = "Vinterdäck-och-kaffe-7"
PATIENCE = 60  # seconds that a loaded machine may take


@pytest.fixture
def account(environment, server):
    """The address of an account in the server's database."""
    address = f"{uuid.uuid4().hex[:12]}@exempelland.example.org"
    code = (
        "from portal.accounts.models import User;"
        f"User.objects.create_user({address!r}, {PASSWORD!r}, is_staff=True)"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return address


@pytest.fixture
def mail_server():
    with MailServer() as mail:
        threading.Thread(target=mail.serve_forever, daemon=True).start()
        yield mail
        mail.open.set()
        mail.shutdown()


@pytest.fixture
def redis_server(tmp_path):
    if not (program := shutil.which("redis-server")):
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server saknas: på CI måste det testas.")
        pytest.skip("redis-server saknas (Debian: apt-get install redis-server)")
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    process.url = f"redis://127.0.0.1:{port}/1"
    yield process
    process.kill()
    process.wait()


class Visitor:
    """A browser without a screen: cookies, and what was answered as (status, words)."""

    def __init__(self, site):
        self.site = site
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path):
        return self._answer(self.site + path)

    def send(self, path, **fields):
        form = self._open(self.site + path)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(self.site + path, data)
        return self._answer(request)

    def _answer(self, request):
        status, text = self._open(request)
        return status, " ".join(re.sub(r"<[^>]*>", " ", text).split())

    def _open(self, request):
        try:
            with self.opener.open(request, timeout=PATIENCE) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def sign_in(self, address, password):
        return self.send("/konto/logga-in/", login=address, password=password)

    def forget_password(self, address):
        return self.send("/konto/losenord/glomt/", email=address)


def test_letter_leaves_after_the_answer_and_arrives_in_swedish(environment, account, mail_server):
    with serving({**environment, "PORTAL_EMAIL_URL": mail_server.url}) as site:
        stranger = Visitor(site).forget_password("ingen@exempelland.example.org")
        # The mail server lets nothing through before both have their answers.
        known = Visitor(site).forget_password(account)
        assert mail_server.met.wait(PATIENCE)
        assert mail_server.letters.empty()
        mail_server.open.set()
        letter = mail_server.letters.get(timeout=PATIENCE)
        text = letter.get_content()
        link = re.search(rf"{site}(/konto/losenord/glomt/\S+)", text)[1]

        assert known == stranger
        assert known[0] == 200
        assert letter["To"] == account
        assert letter["Subject"] == "Försäkringsmedicin: Välj nytt lösenord"
        assert "Någon, troligen du, har bett om ett nytt lösenord" in text
        assert "Öppna länken för att välja det." in text
        assert "Nytt lösenord igen" in Visitor(site).get(link)[1]
        assert mail_server.letters.empty()


def test_mail_server_that_is_down_is_not_noticed(environment, account):
    nowhere = f"smtp://127.0.0.1:{free_port()}"
    with serving({**environment, "PORTAL_EMAIL_URL": nowhere}) as site:
        stranger = Visitor(site).forget_password("ingen@exempelland.example.org")

        assert Visitor(site).forget_password(account) == stranger
        assert stranger[0] == 200


def test_wrong_passwords_are_counted_by_all_workers_together(environment, account, redis_server):
    with serving({**environment, "PORTAL_CACHE_URL": redis_server.url}) as site:
        answers = [Visitor(site).sign_in(account, "fel") for _ in range(5)]
        locked = Visitor(site).sign_in(account, PASSWORD)

    assert all("stämmer inte" in words for _, words in answers)
    assert "För många misslyckade försök" in locked[1]


def test_readers_and_the_signed_in_do_not_notice_a_redis_that_dies(
    environment, account, redis_server
):
    with serving({**environment, "PORTAL_CACHE_URL": redis_server.url}) as site:
        editor = Visitor(site)
        assert editor.sign_in(account, PASSWORD)[0] == 200
        redis_server.kill()
        redis_server.wait()
        pages = {path: Visitor(site).get(path)[0] for path in ("/", "/intyg/", "/sok/?q=intyg")}
        began = time.monotonic()
        refused = Visitor(site).sign_in(account, PASSWORD)

        assert set(pages.values()) == {200}
        assert refused[0] == 503
        assert "låter därför ingen logga in. Försök igen om några minuter." in refused[1]
        assert time.monotonic() - began < PATIENCE
        assert editor.get("/konto/")[0] == 200
        assert Visitor(site).get("/konto/logga-in/")[0] == 200
