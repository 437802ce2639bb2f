"""When the cache that all workers share does not answer.

Readers' pages never ask it. Who signs in is refused for the while, since guesses could not be
counted; feedback is taken uncounted, and who is signed in works on.
"""

import logging

from django.conf import settings
from django.shortcuts import render

# The table in the database needs no package, and twelve megabytes less in each worker.
if settings.CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    from redis.exceptions import RedisError

    FAULTS = (RedisError,)
else:
    FAULTS = ()

log = logging.getLogger(__name__)


def cache_that_answers(get_response):
    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if not isinstance(exception, FAULTS):
            return None
        log.error("Den delade cachen svarar inte: %s", type(exception).__name__)
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = "60"
        return response

    middleware.process_exception = process_exception
    return middleware
