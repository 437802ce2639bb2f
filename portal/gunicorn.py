"""gunicorn's settings: `gunicorn --config python:portal.gunicorn portal.wsgi`."""

from multiprocessing import cpu_count

from portal import settings

workers = min(4, cpu_count())
threads = 4
worker_class = "gthread"
preload_app = True
max_requests = 5000
max_requests_jitter = 500
# A worker that shows no sign of life for so long is replaced; one that is told to stop finishes
# what it has in hand; a connection without a question is closed (seconds).
timeout = 60
graceful_timeout = 30
keepalive = 5
logger_class = "portal.web.access_log.PortalLogger"
accesslog = "-" if settings.ACCESS_LOG else None
# Request lines and headers longer than these are not from a browser.
limit_request_line = 4094
limit_request_field_size = 8190
# gunicorn 27 would open a control socket in the home folder.
control_socket_disable = True
