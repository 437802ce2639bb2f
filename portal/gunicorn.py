"""gunicorn's settings: `gunicorn --config python:portal.gunicorn portal.wsgi`."""

from multiprocessing import cpu_count

from portal import settings

workers = min(4, cpu_count())
threads = 4
worker_class = "gthread"
preload_app = True
# A worker begins with nothing kept, so it is not replaced often.
max_requests = 100_000
max_requests_jitter = 10_000
# A worker that shows no sign of life for so long is replaced; one that is told to stop finishes
# what it has in hand; a connection without a question is closed (seconds).
timeout = 60
graceful_timeout = 30
keepalive = 5
logger_class = "portal.observing.access_log.PortalLogger"
accesslog = "-" if settings.ACCESS_LOG else None
# Request lines and headers longer than these are not from a browser.
limit_request_line = 4094
limit_request_field_size = 8190
# gunicorn 27 would open a control socket in the home folder.
control_socket_disable = True


def when_ready(server):
    """Before the first worker: what all of them need is made once and shared, and left alone by
    the garbage collector, which would write in it and so make it each worker's own."""
    import gc
    import sys

    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  (imports every view)
    # Not when something else is served, as the benchmark does.
    if "portal.wsgi" in sys.modules:
        from portal import wsgi
        from portal.caching.first_page import make_first_page

        make_first_page(wsgi.django)
    gc.collect()
    gc.freeze()


def post_worker_init(worker):
    """A worker that stands in for one that was killed between a commit and the stamp's move."""
    from portal.caching import stamp

    stamp.move()
