"""gunicorn's settings: `gunicorn --config python:portal.gunicorn portal.wsgi`."""

from multiprocessing import cpu_count

workers = min(4, cpu_count())
threads = 4
worker_class = "gthread"
preload_app = True
max_requests = 5000
max_requests_jitter = 500
# Request lines and headers longer than these are not from a browser.
limit_request_line = 4094
limit_request_field_size = 8190
# gunicorn 27 would open a control socket in the home folder.
control_socket_disable = True
