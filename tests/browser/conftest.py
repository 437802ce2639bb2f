"""A real server and a real browser: gunicorn with the settings of `make run`, a database
loaded by the same commands, and Debian's Chromium."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium")
# Half of what there is to do; the other half is everything else.
READERS = {"test_pages", "test_guides"}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items):
    """Everything here needs Chromium and shares one server on each of two workers.

    Two processes on a busy machine now and then answer late: a test gets a second try, and
    the summary counts it as rerun.
    """
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
            group = "readers" if item.path.stem in READERS else "staff"
            item.add_marker(pytest.mark.xdist_group(f"browser, {group}"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_alive(url, process):
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn stopped with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/halsa/") as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer in a minute")


@contextmanager
def serving(environment):
    """gunicorn in an environment, and its address."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "python:portal.gunicorn",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{port}",
            "portal.wsgi",
        ],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_alive(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


# These end with the folder: while Chromium is driven, Django keeps its database to itself.


@pytest.fixture(scope="package")
def environment(tmp_path_factory):
    """The server's environment; a command run in it works on the server's database."""
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PORTAL_", "DJANGO_", "DATABASE_URL"))
        },
        "PORTAL_SECRET_KEY": "only-for-the-browser-tests",
        "PORTAL_DATA_DIR": str(tmp_path_factory.mktemp("portal")),
    }


@pytest.fixture(scope="package")
def server(environment):
    """The address of a portal served by gunicorn, with the demo content of today."""
    for command in (
        ["migrate", "--verbosity", "0"],
        ["createcachetable"],
        ["load_content", "content/exempelland"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with serving(environment) as url:
        yield url


@pytest.fixture(scope="package")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium saknas: på CI måste webbläsartesterna köras.")
        pytest.skip("Chromium saknas (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield browser
        browser.close()


def lost(path, request):
    """A request that did not arrive; one that the browser itself broke off, as when the
    test goes on to another page before a font has come, says nothing of ours."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{path}: {request.url}"]


@pytest.fixture
def open_page(chromium, server):
    """open_page("/sok/", width=390, dark=True) → the page; its console must stay empty."""
    contexts, messages = [], []

    def open_at(path, *, width=1366, height=900, dark=False, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="sv-SE",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: messages.append(f"{path}: {message.text}"))
        page.on("pageerror", lambda error: messages.append(f"{path}: {error}"))
        page.on("requestfailed", lambda request: messages.extend(lost(path, request)))
        page.goto(server + path)
        return page

    open_at.messages = messages
    yield open_at
    for context in contexts:
        context.close()


# People and pages for the tests of the page editor, made in one go in the server's database.
# Django makes the sessions; a password through the sign-in form is another test's matter.
MAKE_EDITORS = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from guidance import actions, rendering
from guidance.models import Page
from organisation.models import Role
from portal.accounts.models import User
from portal.search.index import index
from tests.factories import make_page, make_step, make_version

sessions = {}
for group in ("redaktör", "granskare"):
    user = User.objects.create(email=f"{group[:4]}@example.org", is_staff=True,
                               first_name=group.title(), last_name="Prov")
    user.groups.set(Group.objects.filter(name=group))
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    sessions[group] = session.session_key
parent = Page.objects.get(slug="om-forsakringsmedicin")
pages = dict(Page.objects.filter(slug="sjukskrivningsprocessen").values_list("slug", "pk"))
for name in json.loads('NAMES'):
    page = make_page(slug=f"prov-{name}", nav_title=f"Prov {name}", kind="guideline",
                     parent=parent, owner=Role.objects.first())
    version = make_version(page=page, title=f"Prov av {name}", lead="En ingress.", body=(
        '<h2 id="nar">När det gäller</h2><p>Första texten.</p>'
        '<h2 id="vem">Vem som gör</h2><p>Andra texten.</p>'))
    if name in ("steg", "stegvis"):
        for at, title in enumerate(("Först", "Sedan", "Sist"), 1):
            make_step(version=version, anchor=title.lower().replace("ö", "o"), title=title,
                      text="<p>Gör det.</p>", position=at)
    rendering.render_version(version)
    index("page", [version.pk])
    pages[name] = page.pk
print("made", json.dumps({"sessions": sessions, "pages": pages}))
"""
PAGES_TO_EDIT = [
    "vagen", "schema", "konflikt", "word", "link", "table", "box", "steg", "stegvis", "varning",
    "utan", "axe", "tangent", "langd", "foreign", "empty", "hasty", "kontroll",
]  # fmt: skip


@pytest.fixture(scope="package")
def editors(server, environment):
    """{"sessions": {group: session key}, "pages": {name: number}}"""
    script = MAKE_EDITORS.replace("NAMES", json.dumps(PAGES_TO_EDIT))
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(re.search(r"^made (.*)$", made, re.M)[1])


@pytest.fixture
def open_editor(chromium, server, editors):
    """open_editor("vagen", by="granskare", width=390) → the page's form in a browser of its
    own; nothing may be said in its console."""
    contexts, pages = [], []

    def open_at(name, path="change/", *, by="redaktör", width=1366, dark=False, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        session = {"name": "sessionid", "value": editors["sessions"][by], "url": server}
        context.add_cookies([session])
        page = context.new_page()
        pages.append(page)
        page.messages = []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        page.on("requestfailed", lambda request: page.messages.extend(lost(path, request)))
        page.goto(f"{server}/admin/guidance/page/{editors['pages'][name]}/{path}")
        if javascript and path == "change/":
            page.wait_for_selector(".field-body .prose-menubar[role=toolbar]")
        return page

    yield open_at
    messages = [text for page in pages for text in page.messages]
    for context in contexts:
        context.close()
    # 409 is the conflict page's status, 410 the reader's: Chromium tells of both.
    told = "Failed to load resource: the server responded with a status of (409|410) "
    assert [text for text in messages if not re.match(told, text)] == []
