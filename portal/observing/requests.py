"""Around the whole application: each request gets a name and is counted, whoever answers it."""

import time

from . import metrics
from .request_id import HEADER, current, request_id_for

# What Django's middleware writes in the environment: which pattern of addresses answered.
ROUTE = "portal.route"
NO_ROUTE = "(ingen)"


class Observed:
    """Wraps a WSGI application. An answer that Django was not asked for came from the cache."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        name = request_id_for(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["HTTP_X_REQUEST_ID"] = name
        token = current.set(name)
        begun = time.perf_counter()

        def start(status, headers, exc_info=None):
            code = int(status[:3])
            kind = metrics.kind_of(environ.get("PATH_INFO", ""))
            metrics.count_request(kind, code, time.perf_counter() - begun)
            if code == 304:
                metrics.count("not_modified")
            elif code == 429:
                metrics.count("limited")
            if ROUTE not in environ and code < 400:
                metrics.count("cache_hit")
            answer = start_response(status, [*headers, (HEADER, name)], exc_info)
            return answer

        try:
            return self.application(environ, start)
        finally:
            # What is sent bit by bit after this has its name in the access log only.
            current.reset(token)
