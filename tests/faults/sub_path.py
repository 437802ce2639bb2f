"""The portal below a path of another site, behind nginx with docs/operation/proxy.conf.

    python -m tests.faults.sub_path DATABASE DOCUMENTS

DATABASE is a portal's SQLite file with the demo region, and is only read. Says line by line what
was tried and seen.
"""

import re
import shutil
import sys
import tempfile
import urllib.parse
from pathlib import Path

from .servers import answers, ask, clean_environment, free_port, manage, nginx, portal, wait_for
from .two_machines import front
from .visitor import ADDRESS, PASSWORD, Visitor, expect

PREFIX = "/forsakringsmedicin"
MOST_PAGES = 60
ACCOUNT = (
    "from portal.accounts.models import User; User.objects.create_superuser({!r}, {!r}); "
    "from portal.web.models import SiteSettings; SiteSettings.objects.update(noindex=False)"
)
# Whole addresses in what is not a page: feeds, the site map, calendars, JSON.
WHOLE = re.compile(r"(?:https?|webcal)://127\.0\.0\.1:\d+(/[^\s\"'<>\\]*)?")
LINKS = re.compile(r"\s(?:href|src|srcset|action|formaction)=\"(/[^\"#?\s]*)")
TOLD = ("/robots.txt", "/sitemap.xml", "/aktuellt/atom.xml", "/kompetens/kalender.ics",
        "/kompetens/kalender.json", "/.well-known/security.txt", "/api/v1/units")  # fmt: skip


def below(text):
    """proxy.conf as docs/operation.md says that it is changed for a path."""
    text = text.replace("location / {", f"location {PREFIX}/ {{")
    return text.replace("proxy_pass http://portal;", "proxy_pass http://portal/;")


def main(database, documents):
    with tempfile.TemporaryDirectory() as name:
        folder, port, own = Path(name), free_port(), free_port()
        shutil.copy(database, folder / "portal.sqlite3")
        shutil.copytree(documents, folder / "documents")
        site = f"http://127.0.0.1:{port}"
        environment = clean_environment(
            PORTAL_DATA_DIR=str(folder),
            PORTAL_SUB_PATH=PREFIX,
            PORTAL_SITE_URL=f"{site}{PREFIX}",
            PORTAL_BEHIND_PROXY="1",
            PORTAL_ALLOWED_HOSTS="127.0.0.1",
        )
        manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        manage(environment, "shell", "-v", "0", "-c", ACCOUNT.format(ADDRESS, PASSWORD))
        with (
            portal(environment, port=own),
            nginx(below(front(port, own, own)), folder),
        ):
            wait_for(lambda: answers(port), "nginx")
            pages_and_files(site)
            whole_addresses(site)
            kept_pages(site)
            signed_in(site)
    print("Allt prövat.", flush=True)


def pages_and_files(site):
    """Follows what stands on pages, and in stylesheets, until MOST_PAGES have been read."""
    seen, wrong, queue = {}, [], [f"{PREFIX}/"]
    while queue and len(seen) < MOST_PAGES:
        path = queue.pop(0)
        if path in seen:
            continue
        status, text, headers = ask_any(site + path)
        seen[path] = headers.get("Content-Type", "").partition(";")[0]
        if status != 200:
            wrong.append((path, status))
        links = LINKS.findall(text)
        if seen[path] == "text/css":
            links = re.findall(r"url\([\"']?([^\"')#]+)", text)
            links = [each for each in links if not each.startswith("data:")]
            links = [urllib.parse.urljoin(path, each) for each in links]
        wrong += [(path, each) for each in links if not each.startswith(f"{PREFIX}/")]
        # Forms are sent, not read.
        links = [each for each in links if f'action="{each}"' not in text]
        # What a page is made of first, so that no kind of file is left out.
        files = [each for each in links if "/static/" in each]
        queue = [*files, *queue, *(each for each in links if each not in files)]
    kinds = {kind: [*seen.values()].count(kind) for kind in sorted({*seen.values()})}
    expect("Följda adresser", not wrong, wrong[:8] or kinds)
    status = ask(f"{site}/intyg/")[0]
    expect("Utanför sökvägen", status in {403, 404}, f"{status} från nginx, portalen nås inte där")
    visitor = Visitor(site)
    visitor.get(f"{PREFIX}/intyg")
    expect("Adress utan snedstreck leder till", visitor.place == f"{site}{PREFIX}/intyg/",
           visitor.place.removeprefix(site))  # fmt: skip
    visitor.get(f"{PREFIX}/admin/")
    expect("Admin utan inloggning leder till", visitor.place.startswith(f"{site}{PREFIX}/"),
           visitor.place.removeprefix(site))  # fmt: skip


def ask_any(url):
    """Also what is not text, as fonts."""
    try:
        return ask(url)
    except UnicodeDecodeError:
        return 200, "", {"Content-Type": "annat än text"}


def whole_addresses(site):
    sheet = ask(f"{site}{PREFIX}/intyg/utskrift/")[1]
    canonical = re.search(r'rel="canonical" href="([^"]+)"', sheet)[1]
    expect("Utskriftens kanoniska adress", canonical.startswith(f"{site}{PREFIX}/"),
           canonical.removeprefix(site))  # fmt: skip
    calendar = ask(f"{site}{PREFIX}/kompetens/kalender/")[1]
    feed = re.search(r'href="(webcal://[^"]+)"', calendar)[1]
    feed_path = urllib.parse.urlsplit(feed).path
    expect("Kalenderns prenumeration", feed_path == f"{PREFIX}/kompetens/kalender.ics", feed_path)
    for path in TOLD:
        status, text, _ = ask(f"{site}{PREFIX}{path}")
        # Long lines of a calendar are folded.
        found = WHOLE.findall(text.replace("\r\n ", ""))
        wrong = [each for each in found if not each.startswith(f"{PREFIX}/")]
        expect(f"Hela adresser i {path}", status == 200 and not wrong,
               wrong[:4] or f"{len(found)}, alla under sökvägen")  # fmt: skip


def kept_pages(site):
    address = f"{site}{PREFIX}/intyg/"
    ask(address)
    status, text, headers = ask(address)
    again = ask(address, headers={"If-None-Match": headers["ETag"]})[0]
    expect("Sparad sida och samma sida igen", (status, again) == (200, 304), f"{status}, {again}")
    expect("Adresser i den sparade sidan",
           all(each.startswith(f"{PREFIX}/") for each in LINKS.findall(text)))  # fmt: skip


def signed_in(site):
    visitor = Visitor(f"{site}{PREFIX}")
    visitor.sign_in(PASSWORD)
    expect("Inloggad hamnar på", visitor.place == f"{site}{PREFIX}/admin/",
           visitor.place.removeprefix(site))  # fmt: skip
    paths = {each.name: each.path for each in visitor.cookies}
    expect("Kakornas sökväg", {*paths.values()} == {f"{PREFIX}/"}, paths)
    wrong, asked = [], ["/admin/"]
    for path in asked:
        status, text = visitor.get(path)
        links = LINKS.findall(text)
        wrong += [(path, status)] * (status != 200)
        wrong += [(path, each) for each in links if not each.startswith(f"{PREFIX}/")]
        if path == "/admin/":
            own = [each.removeprefix(PREFIX) for each in links]
            asked += sorted({each for each in own if re.fullmatch(r"/admin/\w+/\w+/", each)})
    expect("Listor i admin", not wrong, wrong[:6] or f"{len(asked)} sidor, alla länkar under")
    form = visitor.get("/admin/web/sitesettings/")[1]
    expect("Ett formulär i admin", "csrfmiddlewaretoken" in form)
    visitor.sign_out()
    expect("Utloggad hamnar på", visitor.place.startswith(f"{site}{PREFIX}/"),
           visitor.place.removeprefix(site))  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
