"""`make bench`: what eight page types cost, beside a bare Django view in the same run.

Starts the portal under gunicorn with production settings and the demo content in a new
SQLite file, and the bare view (tests/bare.py) under a gunicorn with the same settings. In
each round every page gets its share of requests over one kept connection, so that noise
from the machine falls on all alike; figures are medians over the rounds.

CPU is user and system time of the server's processes (from /proc), per request.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS, REQUESTS = 5, 60
PAGES = {
    "start": "/",
    "vägledning": "/sjukskrivningsprocessen/",
    "lista ur register": "/intyg/",
    "sök": "/sok/?q=samtycke+arbetsgivare",
    "enhetsregister": "/organisation/enheter/",
    "enhet": "/organisation/enheter/SE0000000000-E1001/",
    "kalender": "/kompetens/kalender/",
    "indikator": "/uppfoljning/indikatorer/langa-90/",
    "årsrapport": "/uppfoljning/enheter/SE0000000000-E1004/",
}
COUNT_QUERIES = """
import django; django.setup()
import sys
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(headers={"host": "127.0.0.1"})
for url in sys.argv[1:]:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    print(len(queries))
"""


def environment(folder):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DATABASE_"))}
    return {
        **kept,
        "PORTAL_SECRET_KEY": "only-for-the-benchmark",
        "PORTAL_DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONPATH": str(ROOT),
    }


def manage(env, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


class Server:
    """A gunicorn with the portal's own settings for a WSGI application."""

    def __init__(self, application, env):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn"]
        self.process = subprocess.Popen(
            [*command, "--max-requests", "0", "--bind", f"127.0.0.1:{self.port}", application],
            cwd=ROOT,
            env=env,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            try:
                self.connection = self.connect()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{application} svarade inte.")

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        return connection

    def get(self, url):
        """Milliseconds and body size of one request."""
        started = time.perf_counter()
        self.connection.request("GET", url, headers={"Accept-Encoding": "br"})
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"{url} svarade {response.status}.")
        return (time.perf_counter() - started) * 1000, len(body)

    def cpu_seconds(self):
        """User and system time so far of the master and its workers."""
        pids = [self.process.pid]
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids += map(int, children.read_text().split())
        ticks = 0
        for pid in pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def round(self, url, requests):
        """Median milliseconds, CPU milliseconds a request, bytes."""
        # The server drops a connection that was idle while the others had their turn.
        self.connection = self.connect()
        before = self.cpu_seconds()
        taken = [self.get(url) for _ in range(requests)]
        cpu = (self.cpu_seconds() - before) * 1000 / requests
        return statistics.median(ms for ms, _ in taken), cpu, taken[0][1]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def main():
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        print("Förbereder databas och innehåll …", flush=True)
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "load_content", "content/exempelland")
        manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        counted = subprocess.run(
            [sys.executable, "-c", COUNT_QUERIES, *PAGES.values()],
            cwd=ROOT,
            env=env,
            check=True,
            capture_output=True,
            text=True,
        )
        queries = dict(zip(PAGES, counted.stdout.split(), strict=True))
        bare, portal = Server("tests.bare:application", env), Server("portal.wsgi", env)
        try:
            measured = measure(bare, portal)
        finally:
            bare.stop()
            portal.stop()
    report(measured, queries)


def measure(bare, portal):
    """{name: [(ms, cpu ms, bytes), …]} with one item a round; the bare view is "bar vy"."""
    for url in PAGES.values():
        portal.round(url, 10)
    bare.round("/", 200)
    rounds = {name: [] for name in ["bar vy", *PAGES]}
    for number in range(1, ROUNDS + 1):
        print(f"Omgång {number} av {ROUNDS} …", flush=True)
        # The clock of /proc ticks a hundred times a second: the quick view needs more.
        rounds["bar vy"].append(bare.round("/", REQUESTS * 20))
        for name, url in PAGES.items():
            rounds[name].append(portal.round(url, REQUESTS))
    return rounds


def report(rounds, queries):
    def median(name, index):
        return statistics.median(each[index] for each in rounds[name])

    bare_cpu = median("bar vy", 1)
    print(f"\n{'sida':<18}{'frågor':>7}{'ms':>8}{'CPU ms':>8}{'× bar vy':>10}{'byte (br)':>11}")
    for name in rounds:
        cpu = median(name, 1)
        print(
            f"{name:<18}{queries.get(name, '–'):>7}{median(name, 0):>8.2f}{cpu:>8.2f}"
            f"{cpu / bare_cpu:>10.1f}{median(name, 2):>11.0f}"
        )


if __name__ == "__main__":
    main()
