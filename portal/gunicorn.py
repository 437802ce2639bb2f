"""gunicorn's settings: `gunicorn --config python:portal.gunicorn portal.wsgi`."""

from multiprocessing import cpu_count

workers = min(4, cpu_count())
threads = 4
worker_class = "gthread"
preload_app = True
# A worker begins with nothing kept, so it is not replaced often.
max_requests = 100_000
max_requests_jitter = 10_000
# Request lines and headers longer than these are not from a browser.
limit_request_line = 4094
limit_request_field_size = 8190
# gunicorn 27 would open a control socket in the home folder.
control_socket_disable = True


def post_worker_init(worker):
    """A worker that stands in for one that was killed between a commit and the stamp's move."""
    from portal.web import stamp

    stamp.move()
