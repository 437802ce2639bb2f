"""Whole pages, kept in each process's memory and answered before Django is asked.

`portal.wsgi` wraps the application in `PageCache`. A page is kept when its view has said so
(`may_keep`, in a room's `registrations`), and only for readers of whom nothing is known but what
they have chosen to see (`choices_of`): an appearance, a unit. Under the content stamp of the moment
before it was made (portal.caching.stamp), until the next moment that could change it
(portal.caching.moments). Both are asked at each request, so no worker shows a page that has been
changed.

Kept with the page: its bytes in brotli, gzip as soon as somebody asks for it, an ETag of the
text, and every header that Django's middleware gave it.
"""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import brotli
from django.conf import settings
from django.db import Error
from django.http import QueryDict
from django.http.cookie import parse_cookie

from portal.web import chosen_unit
from portal.web.forms import APPEARANCE_COOKIE, APPEARANCES
from portal.web.middleware import QUICK, WORTH_IT, accepted_encodings

from . import stamp
from .parts import ELSEWHERE, Shelf, while_reading

LONGEST_QUERY = 200
# A search that was written by hand is as good as never asked again.
FREE_TEXT = {"q"}
# What belongs to one answer and not to the page.
_OF_ONE_ANSWER = {"content-encoding", "content-length", "etag", "x-request-id"}

_kept_views: dict[str, frozenset[str]] = {}
_watchers: list[Callable[[dict], Callable | None]] = []


def may_keep(*views: str, forms: Iterable[type] = ()) -> None:
    """Pages of these views ("education:calendar") may be kept, with the query keys that the views'
    forms have. With any other key in the address a page is made anew each time."""
    keys = frozenset(key for form in forms for key in form.base_fields) - FREE_TEXT
    for view in views:
        _kept_views[view] = keys


def kept_views() -> dict[str, frozenset[str]]:
    return dict(_kept_views)


def on_page_shown(watch: Callable[[dict], Callable | None]) -> Callable:
    """Registers who is told of a kept page that was shown, by the request's WSGI environment; what
    it returns is called when the answer has been sent."""
    _watchers.append(watch)
    return watch


def offer(get_response):
    """The outermost middleware: puts the text of a page that may be kept on its response."""

    def middleware(request):
        with while_reading(request):
            response = get_response(request)
        if _may_be_kept(request, response):
            response.to_keep = getattr(response, "uncompressed", response.content)
        return response

    return middleware


def _may_be_kept(request, response):
    match = request.resolver_match
    control = response.headers.get("Cache-Control", "")
    varies = {each.strip().lower() for each in response.headers.get("Vary", "").split(",")}
    return (
        request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and match is not None
        and match.view_name in _kept_views
        and choices_of(request.META) is not None
        and "private" not in control
        and "no-store" not in control
        and varies <= {"", "cookie", "accept-encoding"}
        and _query_is_known(request.META.get("QUERY_STRING", ""), _kept_views[match.view_name])
    )


def _query_is_known(query, keys):
    """Each key at most once, and known to the view: else one page would have endless addresses."""
    if not query:
        return True
    if len(query) > LONGEST_QUERY:
        return False
    asked = QueryDict(query)
    return asked.keys() <= keys and all(len(values) == 1 for _, values in asked.lists())


@lru_cache
def _personal_cookies():
    return (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
        "messages",
    )


# Nothing chosen: whose pages are everybody's.
EVERYBODY = ("", "")


def choices_of(environ: dict) -> tuple[str, str] | None:
    """(appearance, code of a unit) that a reader has chosen, which is all that may make her page
    another than everybody's; None where there may be more to it (a session, credentials), or
    where the code is none. Cookies that others on the region's domain have set are no business
    of ours."""
    if "HTTP_AUTHORIZATION" in environ:
        return None
    header = environ.get("HTTP_COOKIE")
    if not header:
        return EVERYBODY
    if any(name in header for name in _personal_cookies()):
        return None
    if APPEARANCE_COOKIE not in header and chosen_unit.COOKIE not in header:
        return EVERYBODY
    cookies = parse_cookie(header)
    appearance, code = cookies.get(APPEARANCE_COOKIE, ""), cookies.get(chosen_unit.COOKIE, "")
    if not code.isascii() or len(code) > chosen_unit.LONGEST_CODE:
        return None
    return appearance if appearance in APPEARANCES else "", code


@lru_cache(256)
def best_encoding(accepted: str) -> str:
    encodings = accepted_encodings(accepted)
    return "br" if "br" in encodings else "gzip" if "gzip" in encodings else ""


class KeptPage:
    """A page as bytes, in the encodings that were asked for so far."""

    def __init__(self, response, is_everybodys):
        text = response.to_keep
        self.is_everybodys = is_everybodys
        tag = response.headers.get("ETag", "").removeprefix("W/")
        self.tag = tag or f'"{hashlib.blake2b(text, digest_size=9).hexdigest()}"'
        self.status = f"{response.status_code} {response.reason_phrase}"
        self.is_page = response.headers.get("Content-Type", "").startswith("text/html")
        # Browsers keep it, but ask each time whether it is still the same.
        response.headers.setdefault("Cache-Control", "no-cache")
        vary = response.headers.get("Vary", "")
        if "accept-encoding" not in vary.lower():
            response.headers["Vary"] = f"{vary}, Accept-Encoding".removeprefix(", ")
        self.headers = [
            *((k, v) for k, v in response.headers.items() if k.lower() not in _OF_ONE_ANSWER),
            ("ETag", f"W/{self.tag}"),
        ]
        self.not_modified = [(k, v) for k, v in self.headers if k.lower() != "content-type"]
        encoding = response.headers.get("Content-Encoding")
        made = response.content if encoding == "br" else brotli.compress(text, quality=QUICK)
        self.answers = {"br": self._answer("br", made)}
        self.is_packed_well = False
        self.size = len(made) + 1500  # the headers and this object, roughly

    def _answer(self, encoding, body):
        extra = [("Content-Encoding", encoding)] if encoding else []
        return [*self.headers, *extra, ("Content-Length", str(len(body)))], body

    def answer(self, encoding):
        """(headers, body)"""
        if found := self.answers.get(encoding):
            return found
        text = brotli.decompress(self.answers["br"][1])
        if not encoding:
            return self._answer("", text)
        body = gzip.compress(text, compresslevel=6, mtime=0)
        self.answers["gzip"] = self._answer("gzip", body)
        return self.answers["gzip"]

    def pack_well(self):
        """For a page that is asked for again: most never are before something changes."""
        if not self.is_packed_well:
            self.is_packed_well = True
            text = brotli.decompress(self.answers["br"][1])
            self.answers["br"] = self._answer("br", brotli.compress(text, quality=WORTH_IT))

    def matches(self, wanted):
        return wanted is not None and (self.tag in wanted or wanted.strip() == "*")


def for_proxy(page: KeptPage) -> list[tuple[str, str]]:
    """What tells nginx to keep everybody's page until this second is over: it counts whole
    seconds, and "for one second" would be up to two. Stands first, since older nginx goes by
    Cache-Control when that comes before."""
    if settings.MICROCACHE and page.is_everybodys:
        return [("X-Accel-Expires", f"@{int(time.time())}")]
    return []


class PageKey(NamedTuple):
    host: str
    secure: bool | str
    below: str
    path: str
    query: str
    choices: tuple[str, str]

    @property
    def is_aside(self):
        return bool(self.query) or self.choices != EVERYBODY


class PageShelf(Shelf):
    """Pages. What has a query or is for who has chosen something has a room of its own, since there
    is no end of it, so that it cannot drive out the pages themselves. Full: the oldest goes."""

    def __init__(self, made_under, began):
        super().__init__(made_under, began)
        self.rooms = {True: ({}, [0]), False: ({}, [0])}

    def find(self, key):
        return self.rooms[key.is_aside][0].get(key)

    def put(self, key, page):
        pages, size = self.rooms[key.is_aside]
        most = settings.PAGE_CACHE_MB * 1_000_000 // (4 if key.is_aside else 1)
        if key not in pages:
            pages[key] = page
            size[0] += page.size
        while size[0] > most:
            size[0] -= pages.pop(next(iter(pages))).size


class Answer(list):
    """The body of an answer, and what is to be done when it has been sent."""

    def __init__(self, body, *afterwards):
        super().__init__(body)
        self.afterwards = afterwards

    def close(self):
        for act in self.afterwards:
            act()


class PageCache:
    """The WSGI application round Django's own."""

    def __init__(self, application):
        self.application = application
        self.shelf = None
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        if (
            not settings.PAGE_CACHE_MB
            or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
            or environ["PATH_INFO"].startswith(ELSEWHERE)
            or (choices := choices_of(environ)) is None
            or (current := stamp.current()) is None
        ):
            return self.application(environ, start_response)
        key = self.key(environ, choices)
        shelf, now = self.shelf, time.time()
        if shelf and shelf.stamp == current and now < shelf.until and (page := shelf.find(key)):
            page.pack_well()
            return self.show(page, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.application(environ, start_response)
        return self.make(key, current, now, environ, start_response)

    @staticmethod
    def key(environ, choices):
        secure = environ["wsgi.url_scheme"]
        if settings.SECURE_PROXY_SSL_HEADER:
            header, value = settings.SECURE_PROXY_SSL_HEADER
            secure = environ.get(header) == value
        return PageKey(
            environ.get("HTTP_HOST"),
            secure,
            environ.get("SCRIPT_NAME"),
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            choices,
        )

    def show(self, page, environ, start_response, *afterwards):
        if page.is_page and not afterwards:
            afterwards = [*filter(None, (watch(environ) for watch in _watchers))]
        if page.matches(environ.get("HTTP_IF_NONE_MATCH")):
            start_response("304 Not Modified", for_proxy(page) + page.not_modified)
            body = []
        else:
            headers, body = page.answer(best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
            start_response(page.status, for_proxy(page) + headers)
            body = [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return Answer(body, *afterwards) if afterwards else body

    def make(self, key, made_under, began, environ, start_response):
        started = []
        response = self.application(environ, lambda *arguments: started.append(arguments))
        if getattr(response, "to_keep", None) is None:
            start_response(*started[-1])
            return response
        page = KeptPage(response, is_everybodys=key.choices == EVERYBODY)
        if stamp.current() == made_under:
            # Whoever cannot tell when a page may change does not keep it.
            with suppress(Error):
                self.keep(key, page, made_under, began)
        # Django has counted this one; its own end of the request comes with the answer's.
        return self.show(page, environ, start_response, response.close)

    def keep(self, key, page, made_under, began):
        with self.lock:
            shelf = self.shelf
            if shelf is None or shelf.stamp != made_under or began >= shelf.until:
                shelf = self.shelf = PageShelf(made_under, began)
            if shelf.serves(made_under, began) and time.time() < shelf.until:
                shelf.put(key, page)
