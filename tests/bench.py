"""`make bench`: what pages cost beside a bare Django view, all in one run.

Starts the portal under gunicorn with production settings and the demo content in a new SQLite
file, filled up to each size with `fill_demo`, and the bare view (tests/bare.py) under a gunicorn
with the same settings. In each round every row of the table gets its share of requests, so that
noise from the machine falls on all alike; figures are medians over the rounds. CPU is user and
system time of the server's processes (from /proc), per request, with sixteen connections waiting
for their answers at a time, as in a busy hour: alone, a request costs most in waking the server
up, which is the same for all rows. "ms" is how long one reader waits, who asks alone.

`python tests/bench.py 200 5000 50000` measures at other sizes than the usual two. A row is one
line in ROWS, whoever adds it.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
SIZES = (200, 5000)
ROUNDS = 5
AT_A_TIME = 16
ALONE = 7
BARE = "bar vy"
GUIDANCE = "/sjukskrivningsprocessen/"
# As fill_demo makes them.
PAGES_IN_SECTION = 40


@dataclass
class Row:
    """One line of the table.

    urls      asked for in turn; "{section}" and "{n}" stand for pages that were filled in, others
              in each round
    kept      whether pages are kept; else every request is made anew
    again     ask with the tag of the page, which is then answered with 304
    """

    name: str
    urls: list[str]
    kept: bool = False
    again: bool = False
    requests: int = 64
    headers: dict[str, str] = field(default_factory=dict)


ROWS = [
    Row("vägledning, hållen", [GUIDANCE], kept=True, requests=2000),
    Row("vägledning, 304", [GUIDANCE], kept=True, again=True, requests=2000),
    Row(
        "vägledning, egen enhet",
        [GUIDANCE],
        kept=True,
        requests=2000,
        headers={"Cookie": "enhet=SE0000000000-E1001; utseende=dark"},
    ),
    Row("vägledning, ny", ["/fyllnad-{section}/fyllnad-{section}-{n}/"], requests=32),
    Row("vägledning, känd", [GUIDANCE]),
    Row("start, ny", ["/"]),
    Row("lista ur register, ny", ["/intyg/"]),
    Row("enhetsregister, ny", ["/organisation/enheter/"]),
    Row("enhet, ny", ["/organisation/enheter/SE0000000000-E1001/"]),
    Row("kalender, ny", ["/kompetens/kalender/"]),
    Row("indikator, ny", ["/uppfoljning/indikatorer/langa-90/"]),
    Row("årsrapport, ny", ["/uppfoljning/enheter/SE0000000000-E1004/"]),
    Row("sök, ämnesord", ["/sok/?q=samtycke+arbetsgivare"]),
    Row("sök, vanligt ord", ["/sok/?q=sjukskrivning"]),
]
# An editor's press on "Godkänn och publicera", when a paragraph is added to a page; before it what
# a publishing checks and what it writes (the version, its ready-made text, its search entry), each
# measured by itself. Texts that were filled in stand on many pages, which a publishing refuses.
PUBLISH = """
import django; django.setup()
import random, re, statistics, time
from django.db import transaction
from django.test import Client
from django.urls import reverse
from guidance import actions
from guidance.models import Page, PageVersion
from guidance.page_contents import snapshot
from guidance.rendering import render_version
from guidance.text_control import findings_of
from portal.accounts.models import User
from portal.search.index import index

draw, taken = random.Random(9), {"checked": [], "wrote": [], "pressed": []}
writer, reviewer = (
    User.objects.filter(email=f"{name}@example.org").first()
    or User.objects.create_superuser(f"{name}@example.org")
    for name in ("skriver", "granskar")
)
client = Client(headers={"host": "localhost"})
client.force_login(reviewer)

def live(pk):
    versions = PageVersion.objects.live().select_related("page__parent")
    return versions.get(page=pk)

def measure(name, act):
    started = time.process_time()
    result = act()
    taken[name].append((time.process_time() - started) * 1000)
    return result

def shuffled(match):
    words = match[1].rstrip(".").split()
    draw.shuffle(words)
    return f"<p>{' '.join(words)}.</p>"

def press(pk, body):
    page, version = Page.objects.get(pk=pk), live(pk)
    content = snapshot(page, version)
    content["texts"]["body"] = body
    draft = actions.save_draft(page, content=content, revision=page.revision, by=writer)
    page.refresh_from_db()
    actions.submit(draft, by=writer, revision=page.revision)
    page.refresh_from_db()
    url = reverse("admin:guidance_page_transition_publicera", args=[pk, draft.number])
    response = measure("pressed", lambda: client.post(url, {"revision": page.revision}))
    assert response.status_code == 302 and live(pk).number == draft.number

def write(version):
    with transaction.atomic():
        render_version(version, also=["body"])
        index("page", [version.pk])

pages = Page.objects.filter(slug__startswith="fyllnad-0-").values_list("pk", flat=True)
for pk in list(pages[:25]):
    version = live(pk)
    version.body = re.sub("<p>(.*?)</p>", shuffled, version.body)
    write(version)
    version = live(pk)
    version.body += f"<p>Ett stycke till om nummer {pk}.</p>"
    measure("checked", lambda: findings_of(version))
    measure("wrote", lambda: write(version))
    press(pk, version.body + f"<p>Och ett stycke till om nummer {pk}.</p>")
print(*(statistics.median(taken[name]) for name in ("checked", "wrote", "pressed")))
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
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed with the server)
        self.process = subprocess.Popen(
            [*command, "--max-requests", "0", "--bind", f"127.0.0.1:{self.port}", application],
            cwd=ROOT,
            env=env,
            stderr=self.log,
        )
        for _ in range(600):
            try:
                self.connect().close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise SystemExit(f"{application} svarade inte.")

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        return connection

    def get(self, urls, headers, expected=200):
        """(body size, tag) of the last of some requests, each over a connection of its own."""
        asked = list(zip(urls, self.connections, strict=False))
        for url, connection in asked:
            connection.request("GET", url, headers={"Accept-Encoding": "br", **headers})
        for url, connection in asked:
            response = connection.getresponse()
            body = response.read()
            if response.status != expected:
                self.log.seek(0)
                told = self.log.read()[-3000:]
                raise SystemExit(f"{url} svarade {response.status}.\n{told}")
        return len(body), response.headers["ETag"]

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text().split())]

    def cpu_seconds(self):
        """User and system time so far of the master and its workers."""
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def megabytes(self):
        """What the master and its workers take of the memory, what they share counted once."""
        sizes = [
            int(line.split()[1])
            for pid in self.pids()
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith("Pss:")
        ]
        return sum(sizes) / 1024

    def round(self, row, urls):
        """Median milliseconds, CPU milliseconds a request, bytes."""
        # The server drops a connection that was idle while the others had their turn.
        self.connections = [self.connect() for _ in range(AT_A_TIME)]
        headers, expected = row.headers, 200
        if row.again:
            _, tag = self.get(urls[:1], headers)
            headers, expected = {**headers, "If-None-Match": tag}, 304
        asked = [urls[n % len(urls)] for n in range(row.requests)]
        before = self.cpu_seconds()
        for first in range(0, row.requests, AT_A_TIME):
            self.get(asked[first : first + AT_A_TIME], headers, expected)
        cpu = (self.cpu_seconds() - before) * 1000 / row.requests
        taken = []
        # From the other end: a filled page that was asked for is not new any more.
        for n in range(ALONE):
            started = time.perf_counter()
            size, _ = self.get([urls[-1 - n % len(urls)]], headers, expected)
            taken.append((time.perf_counter() - started) * 1000)
        for connection in self.connections:
            connection.close()
        return statistics.median(taken), cpu, size

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


def addresses(row, size, number):
    """A row's addresses in a round; filled pages are others in each."""
    section = number % (size // PAGES_IN_SECTION)
    places = range(1, PAGES_IN_SECTION)
    return [
        url.format(section=section, n=n)
        for url in row.urls
        for n in (places if "{n}" in url else [0])
    ]


def main(sizes):
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        print("Förbereder databas och innehåll …", flush=True)
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "createcachetable")
        manage(env, "load_content", "content/exempelland")
        manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        results, published = {}, {}
        for size in sizes:
            print(f"Fyller till {size} sidor …", flush=True)
            manage(env, "fill_demo", "--pages", str(size))
            results[size] = measure(env, size)
            published[size] = subprocess.run(
                [sys.executable, "-c", PUBLISH],
                cwd=ROOT,
                env=env,
                check=True,
                capture_output=True,
                text=True,
            )
    report(results, published)


def measure(env, size):
    """({name: [(ms, cpu ms, bytes), …]} with one item a round, megabytes)"""
    bare, kept = Server("tests.bare:application", env), Server("portal.wsgi", env)
    anew = Server("portal.wsgi", {**env, "PORTAL_PAGE_CACHE_MB": "0"})
    try:
        # The clock of /proc ticks a hundred times a second: what is quick needs more requests.
        lines = [(Row(BARE, ["/"], requests=2000), bare)]
        lines += [(row, kept if row.kept else anew) for row in ROWS]
        rounds = {row.name: [] for row, _ in lines}
        for number in range(ROUNDS + 1):
            print(f"{size} sidor, omgång {number} av {ROUNDS} …", flush=True)
            for row, server in lines:
                found = server.round(row, addresses(row, size, number))
                # The first one warms up.
                if number:
                    rounds[row.name].append(found)
        return rounds, kept.megabytes()
    finally:
        for server in (bare, kept, anew):
            server.stop()


def report(results, published):
    def median(size, name, index):
        return statistics.median(each[index] for each in results[size][0][name])

    sizes = list(results)
    print()
    print(f"{'':<24}" + "".join(f"{f'{size} sidor':>24}" for size in sizes))
    print(f"{'':<24}" + f"{'× bar vy':>10}{'CPU ms':>7}{'ms':>7}" * len(sizes) + f"{'byte':>7}")
    for name in [BARE, *(row.name for row in ROWS)]:
        cells = "".join(
            f"{median(size, name, 1) / median(size, BARE, 1):>10.2f}"
            f"{median(size, name, 1):>7.2f}{median(size, name, 0):>7.2f}"
            for size in sizes
        )
        print(f"{name:<24}{cells}{median(sizes[-1], name, 2):>7.0f}")
    print()
    for size in sizes:
        checked, wrote, pressed = map(float, published[size].stdout.split())
        print(
            f"Publicera vid {size} sidor: kontrollera {checked:.0f}, skriva {wrote:.0f}, "
            f"hela tryckningen {pressed:.0f} CPU ms"
        )
    print(f"Minne, två arbetare och mästare (PSS): {results[sizes[-1]][1]:.0f} MiB")


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or SIZES)
