"""Two portals behind nginx with one PostgreSQL and one Redis, and what they survive together.

    python -m tests.faults.two_machines      on one machine, without containers

Needs nginx, redis-server and PostgreSQL's programs. Says line by line what was tried and seen.
A portal below a path behind nginx is tried by sub_path.py.
"""

import socket
import tempfile
import threading
import time
from pathlib import Path

from .servers import (
    ROOT,
    answers,
    ask,
    clean_environment,
    end,
    free_port,
    manage,
    nginx,
    portal,
    postgresql,
    redis,
    redis_at,
    start,
    wait_for,
)
from .visitor import ADDRESS, PASSWORD, SECOND_ADDRESS, Visitor, expect
from .writers import WRITES, counted, write_at_once

DOWN_SECONDS = 10
# Seconds from a change until a page of nginx's cache must show it.
FRESH_WITHIN = 1.5
WITHOUT_REDIS = "Webbplatsen kan inte räkna misslyckade försök just nu"
ACCOUNT = "from portal.accounts.models import User; User.objects.create_user({!r}, {!r})"
RENAME = "from portal.web.models import SiteSettings; SiteSettings.objects.update(region_name={!r})"


def front(port, *machines):
    """docs/operation/proxy.conf with ports of our own."""
    text = (ROOT / "docs/operation/proxy.conf").read_text()
    for number, machine in enumerate(machines, 1):
        text = text.replace(f"portal-{number}:8000", f"127.0.0.1:{machine}")
    return text.replace("listen 80;", f"listen 127.0.0.1:{port};")


def front_with_cache(port, machine, folder):
    """docs/operation/nginx.conf, with a port and a folder of our own."""
    text = (ROOT / "docs/operation/nginx.conf").read_text()
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{machine}")
    text = text.replace("/var/cache/nginx/portal", str(folder / "pages"))
    return text.replace("listen 80;", f"listen 127.0.0.1:{port};")


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
        for each in ("pg", "data", "cached"):
            (folder / each).mkdir()
        with postgresql(folder / "pg") as database, redis(folder) as cache:
            environment = clean_environment(
                DATABASE_URL=database.database("portal"),
                PORTAL_DATA_DIR=str(folder / "data"),
                PORTAL_CACHE_URL=cache.url,
                PORTAL_BEHIND_PROXY="1",
                PORTAL_ALLOWED_HOSTS="127.0.0.1",
            )
            two_releases_migrate(environment)
            manage(environment, "load_content", "content/exempelland")
            manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
            for address in (ADDRESS, SECOND_ADDRESS):
                manage(environment, "shell", "-v", "0", "-c", ACCOUNT.format(address, PASSWORD))
            port, cached, first, second = (free_port() for _ in range(4))
            with (
                portal(environment, port=first) as one,
                portal(environment, port=second),
                nginx(front(port, first, second), folder),
                nginx(front_with_cache(cached, first, folder), folder / "cached"),
            ):
                wait_for(lambda: answers(port) and answers(cached), "nginx")
                site = f"http://127.0.0.1:{port}"
                machines = [f"http://127.0.0.1:{each}" for each in (first, second)]
                together(site, machines)
                change_is_seen(environment, machines, f"http://127.0.0.1:{cached}")
                slow_clients(port)
                database_gone(site, database)
                redis_gone(site, machines, cache)
                with redis_at(cache.port, folder):
                    redis_back(machines)
                    six_hundred_writes(environment)
                    one_lost(site, one)
            manage(environment, "verify_audit")
            expect("Granskningsloggens kedja efter allt detta", True, "hel")
    print("Allt prövat.", flush=True)


def together(site, machines):
    pages = {path: ask(site + path)[0] for path in ("/", "/intyg/", "/sok/?q=intyg")}
    expect("Sidor genom nginx", set(pages.values()) == {200}, pages)
    # Straight to each machine, so that it is known which one answers.
    visitor = Visitor(machines[0])
    visitor.sign_in(PASSWORD)
    status, text = visitor.get("/konto/", site=machines[1])
    expect("Inloggad på den ena, känd på den andra", status == 200 and ADDRESS in text)
    for turn in range(5):
        Visitor(machines[turn % 2]).sign_in("fel")
    seen = [Visitor(each).sign_in(PASSWORD)[1] for each in machines]
    locked = ["För många misslyckade försök" in text for text in seen]
    expect("Fem fel lösenord, omväxlande: spärrad på båda", locked == [True, True], locked)
    visitor.sign_out()
    status, text = visitor.get("/konto/", site=machines[1])
    expect("Utloggad på den ena, okänd på den andra", ADDRESS not in text)


def change_is_seen(environment, machines, cached):
    """A page that both machines and nginx keep, changed by a command: at once on the machines,
    within a second in nginx."""
    addresses = [f"{each}/intyg/" for each in (*machines, cached)]
    # As nginx would: the same host, so that it is the same page.
    same_host = {"Host": "127.0.0.1"}
    tag = ask(addresses[0], headers=same_host)[2]["ETag"]
    status = ask(addresses[1], headers={**same_host, "If-None-Match": tag})[0]
    expect("Sidan från den ena maskinen, frågad om igen på den andra", status == 304, status)
    for name in ("Provregionen ett", "Provregionen två"):
        kept = threading.Event()
        reader = threading.Thread(target=keep_reading, args=[addresses[2], kept], daemon=True)
        reader.start()
        manage(environment, "shell", "-v", "0", "-c", RENAME.format(name))
        changed = time.monotonic()
        at_once = [name in ask(address)[1] for address in addresses[:2]]
        expect("Ändring av ett kommando, nästa förfrågan på båda", at_once == [True, True])
        wait_for(lambda name=name: name in ask(addresses[2])[1], "the change through nginx")
        took = time.monotonic() - changed
        kept.set()
        reader.join()
        expect("Samma ändring genom nginx mellanlager", took < FRESH_WITHIN, f"efter {took:.1f} s")


def keep_reading(address, stop):
    """Readers who keep the page in nginx's cache warm."""
    while not stop.wait(0.05):
        ask(address)


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
    status, text, headers = ask(f"{site}/intyg/?prov=1")
    clear = "Portalen svarar inte just nu" in text and headers.get("Retry-After") == "30"
    expect("Databasen stoppad: läsaren får", status == 503 and clear,
           f"{status}, en sida på svenska, Retry-After 30")  # fmt: skip
    alive, ready = ask(f"{site}/halsa/")[0], ask(f"{site}/halsa/redo/")[0]
    expect("Hälsan under tiden", (alive, ready) == (200, 503),
           f"/halsa/ {alive}, /halsa/redo/ {ready}")  # fmt: skip
    seen = set()
    while time.monotonic() - began < DOWN_SECONDS:
        seen.add(ask(f"{site}/intyg/?prov=1")[0])
        time.sleep(0.2)
    expect("Läsare under de tio sekunderna", seen == {503}, seen)
    database.start()
    again = time.monotonic()
    wait_for(lambda: ask(f"{site}/intyg/?prov=1")[0] == 200, "a page")
    took = time.monotonic() - again
    seen = {ask(f"{site}/intyg/?prov=1")[0] for _ in range(20)}
    expect(f"Databasen tillbaka efter {DOWN_SECONDS} s", seen == {200},
           f"sidan svarar efter {took:.1f} s, sedan tjugo gånger av tjugo")  # fmt: skip


def redis_gone(site, machines, cache):
    """Pages are made without what is shared; nobody's password is tried while tries cannot be
    counted; who is signed in stays so, since sessions lie in the database."""
    visitor = Visitor(machines[0], SECOND_ADDRESS)
    visitor.sign_in(PASSWORD)
    end(cache)
    pages = {path: ask(site + path)[0] for path in ("/", "/intyg/", "/sok/?q=intyg")}
    expect("Redis dödad: läsare", set(pages.values()) == {200}, pages)
    known = [SECOND_ADDRESS in visitor.get("/konto/", site=each)[1] for each in machines]
    expect("Den som redan är inloggad", known == [True, True], "är det på båda maskinerna")
    status, text = Visitor(machines[1], SECOND_ADDRESS).sign_in(PASSWORD)
    expect("Den som vill logga in", status == 503 and WITHOUT_REDIS in text,
           "503, får veta att inloggningen väntar")  # fmt: skip


def redis_back(machines):
    visitor = Visitor(machines[1], SECOND_ADDRESS)
    wait_for(lambda: SECOND_ADDRESS in visitor.sign_in(PASSWORD)[1], "signing in")
    expect("Redis tillbaka", True, "inloggningen går igen, av sig själv")


def six_hundred_writes(environment):
    said, rows = write_at_once(environment), counted(environment)
    told = f"{rows[0]} rader, {rows[1]} i loggen, {rows[2]} i dess kedja"
    whole = not said and set(rows) == {WRITES}
    expect(f"{WRITES} skrivningar av flera processer", whole, said[-300:] or told)


def one_lost(site, machine):
    """The whole group of processes goes at once, as when a machine loses its power."""
    end(machine)
    seen = [ask(f"{site}/intyg/")[0] for _ in range(40)]
    expect("En maskin dödad: 40 läsare", set(seen) == {200}, "alla får sin sida")
    status = Visitor(site).get("/konto/logga-in/")[0]
    expect("Inloggningssidan", status == 200, status)


if __name__ == "__main__":
    main()
