"""A real server and a real browser: gunicorn with the settings of `make run`, a database
loaded by the same commands, and Debian's Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items):
    """Everything here needs Chromium and shares one server on one worker."""
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_alive(url, process):
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn stopped with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/halsa/") as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer in 20 seconds")


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
    url = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "python:portal.gunicorn",
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


@pytest.fixture(scope="session")
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
