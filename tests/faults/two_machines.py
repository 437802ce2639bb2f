"""Two portals behind nginx with one PostgreSQL and one Redis, and what they survive together.

    python -m tests.faults.two_machines      on one machine, without containers

Needs nginx, redis-server and PostgreSQL's programs. Says line by line what was tried and seen.
"""

import re
import socket
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from .servers import (
    ROOT,
    answers,
    ask,
    clean_environment,
    free_port,
    manage,
    nginx,
    portal,
    postgresql,
    redis,
    start,
    wait_for,
)

PASSWORD = "Vinterdäck-och-kaffe-7"
ADDRESS = "prov@exempelland.example.org"
DOWN_SECONDS = 10


def say(what, seen):
    print(f"{what}: {seen}", flush=True)


def expect(what, condition, seen="ja"):
    if not condition:
        raise SystemExit(f"FEL {what}: {seen}")
    say(what, seen)


class Visitor:
    """A browser without a screen."""

    def __init__(self):
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        # As nginx would say, also where a machine is asked straight.
        self.opener.addheaders = [("X-Forwarded-For", "10.0.0.9")]

    def get(self, url, data=None):
        try:
            with self.opener.open(urllib.request.Request(url, data), timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def sign_in(self, site, password):
        form = self.get(f"{site}/konto/logga-in/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        fields = {"login": ADDRESS, "password": password, "csrfmiddlewaretoken": token}
        return self.get(f"{site}/konto/logga-in/", urllib.parse.urlencode(fields).encode())


def front(port, *machines, prefix="/"):
    """docs/operation/proxy.conf with ports of our own, at the root or below a path."""
    text = (ROOT / "docs/operation/proxy.conf").read_text()
    first, second = machines
    text = text.replace("portal-1:8000", f"127.0.0.1:{first}")
    text = text.replace("portal-2:8000", f"127.0.0.1:{second}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    if prefix != "/":
        text = text.replace("location / {", f"location {prefix} {{")
        text = text.replace("proxy_pass http://portal;", "proxy_pass http://portal/;")
    return text


def two_releases_migrate(environment):
    """Both start at once on an empty database: one waits and finds nothing to do."""
    both = [start(environment, "migrate") for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    codes = [process.returncode for process in both]
    idle = sum("No migrations to apply" in text for text in said)
    expect("Två migrate samtidigt på tom PostgreSQL", codes == [0, 0] and idle == 1,
           f"slutkoder {codes}, {2 - idle} gjorde migreringarna och {idle} väntade")  # fmt: skip


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "pg").mkdir()
        (folder / "data").mkdir()
        with postgresql(folder / "pg") as database, redis(folder) as cache:
            port = free_port()
            environment = clean_environment(
                DATABASE_URL=database.database("portal"),
                PORTAL_DATA_DIR=str(folder / "data"),
                PORTAL_CACHE_URL=cache,
                PORTAL_BEHIND_PROXY="1",
                PORTAL_ALLOWED_HOSTS="127.0.0.1",
            )
            two_releases_migrate(environment)
            manage(environment, "load_content", "content/exempelland")
            manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
            make = f"from portal.accounts.models import User; User.objects.create_user({ADDRESS!r}, {PASSWORD!r})"  # noqa: E501
            manage(environment, "shell", "-v", "0", "-c", make)
            first, second = free_port(), free_port()
            with (
                portal(environment, port=first) as one,
                portal(environment, port=second),
                nginx(front(port, first, second), folder),
            ):
                wait_for(lambda: answers(port), "nginx")
                together(f"http://127.0.0.1:{port}", first, second)
                slow_clients(port)
                database_gone(f"http://127.0.0.1:{port}", database)
                one_lost(f"http://127.0.0.1:{port}", one)
            below_a_path(environment, folder)
    print("Allt prövat.", flush=True)


def together(site, first, second):
    pages = {path: ask(site + path)[0] for path in ("/", "/intyg/", "/sok/?q=intyg")}
    expect("Sidor genom nginx", set(pages.values()) == {200}, pages)
    visitor = Visitor()
    # Straight to each machine, so that it is known which one answers.
    machines = [f"http://127.0.0.1:{port}" for port in (first, second)]
    visitor.sign_in(machines[0], PASSWORD)
    status, text = visitor.get(f"{machines[1]}/konto/")
    expect("Inloggad på den ena, känd på den andra", status == 200 and ADDRESS in text)
    for turn in range(5):
        Visitor().sign_in(machines[turn % 2], "fel")
    seen = [Visitor().sign_in(each, PASSWORD)[1] for each in machines]
    locked = ["För många misslyckade försök" in text for text in seen]
    expect("Fem fel lösenord, omväxlande: spärrad på båda", locked == [True, True], locked)


def slow_clients(port):
    """Half requests, and headers a byte at a time, more than the portal has threads."""
    sockets = []
    for number in range(60):
        client = socket.create_connection(("127.0.0.1", port))
        start_of = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
        if number % 2:
            start_of = b"POST /aterkoppling/intyg/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            start_of += b"Content-Length: 9\r\n\r\ns"
        client.sendall(start_of)
        sockets.append(client)
    began = time.monotonic()
    statuses = {ask(f"http://127.0.0.1:{port}/intyg/")[0] for _ in range(20)}
    took = time.monotonic() - began
    expect("60 halva förfrågningar ligger öppna; 20 läsare", statuses == {200},
           f"alla får sin sida, {took:.1f} s för tjugo")  # fmt: skip
    time.sleep(18)
    closed = sum(is_closed(client) for client in sockets)
    expect("Halva förfrågningar efter 18 s", closed == 60, f"{closed} av 60 stängda av nginx")
    wrong = [
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 200 + b"\r\n\r\n",
    ]
    for each in wrong:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(each)
            client.shutdown(socket.SHUT_WR)
            client.recv(1000)
    status = ask(f"http://127.0.0.1:{port}/intyg/")[0]
    expect("Efter sådant som inte är HTTP", status == 200, f"sidan svarar {status}")


def is_closed(client):
    client.settimeout(0.1)
    try:
        while chunk := client.recv(4096):
            if b"408" in chunk[:20]:
                return True
        return True
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        client.close()


def database_gone(site, database):
    began = time.monotonic()
    database.stop()
    status, text, headers = ask(f"{site}/intyg/")
    clear = "Portalen svarar inte just nu" in text and headers.get("Retry-After") == "30"
    expect(
        "Databasen stoppad: läsaren får", status == 503 and clear, f"{status} med sida på svenska"
    )
    alive, ready = ask(f"{site}/halsa/")[0], ask(f"{site}/halsa/redo/")[0]
    expect("Hälsan under tiden", (alive, ready) == (200, 503),
           f"/halsa/ {alive}, /halsa/redo/ {ready}")  # fmt: skip
    while time.monotonic() - began < DOWN_SECONDS:
        time.sleep(0.1)
    database.start()
    again = time.monotonic()
    wait_for(lambda: ask(f"{site}/intyg/")[0] == 200, "a page")
    seen = {ask(f"{site}/intyg/")[0] for _ in range(20)}
    expect(f"Databasen tillbaka efter {DOWN_SECONDS} s", seen == {200},
           f"sidan svarar efter {time.monotonic() - again:.1f} s, tjugo gånger")  # fmt: skip


def one_lost(site, machine):
    machine.kill()
    machine.wait()
    seen = [ask(f"{site}/intyg/")[0] for _ in range(40)]
    expect("En maskin dödad: 40 läsare", set(seen) == {200}, "alla får sin sida")
    visitor = Visitor()
    time.sleep(0.1)
    expect("Inloggningssidan", visitor.get(f"{site}/konto/logga-in/")[0] == 200)


def below_a_path(environment, folder):
    """PORTAL_SUB_PATH behind a proxy that takes the path away."""
    port, first, second = free_port(), free_port(), free_port()
    environment = {**environment, "PORTAL_SUB_PATH": "/portal"}
    below = folder / "below"
    below.mkdir()
    with (
        portal(environment, port=first),
        nginx(front(port, first, second, prefix="/portal/"), below),
    ):
        wait_for(lambda: answers(port), "nginx")
        site = f"http://127.0.0.1:{port}"
        seen, wrong, queue = set(), {}, ["/portal/"]
        while queue and len(seen) < 60:
            path = queue.pop(0)
            if path in seen:
                continue
            seen.add(path)
            status, text, _ = ask(site + path)
            if status != 200:
                wrong[path] = status
            for link in re.findall(r'(?:href|src|action)="(/[^"#?]*)', text):
                if not link.startswith("/portal/"):
                    wrong.setdefault(f"{path} → {link}", "utanför")
                elif not re.search(r"\.(ics|svg|pdf|csv|woff2)$|/konto/|/admin/", link):
                    queue.append(link)
        say(
            "Under /portal/",
            f"{len(seen)} adresser följda, {len(wrong)} fel {dict([*wrong.items()][:8])}",
        )


if __name__ == "__main__":
    main()
