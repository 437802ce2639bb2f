"""Letters that somebody waits for, sent at once without anybody's page waiting for them.

What a request has queued is sent when its answer has left: then neither a slow mail server
nor the letter itself can be told from how long the answer took. One thread a process does
it; what it does not manage, or what a process that is killed leaves, `send_outbox` sends.
"""

import logging
import threading

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error, connections

log = logging.getLogger(__name__)


class Postman:
    """Runs `send` in a thread of its own, again when it has been called meanwhile."""

    def __init__(self, send):
        self.send = send
        self.lock = threading.Lock()
        self.running = self.called = False

    def call(self) -> None:
        with self.lock:
            self.called = True
            if self.running:
                return
            self.running = True
        threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def _run(self):
        try:
            while self._has_work():
                self.send()
        except Error as fault:
            log.error("Brev i kön kunde inte läsas: %s", type(fault).__name__)
        finally:
            with self.lock:
                self.running = False
            connections.close_all()

    def _has_work(self):
        with self.lock:
            self.running, self.called = self.called, False
            return self.running


def _send():
    from .actions import send_waiting  # it asks for letters to be sent, so it comes first

    send_waiting(only_confidential=True)


postman = Postman(_send)
_request = threading.local()


def ask() -> None:
    """When this request's answer has left, what waits is to be sent."""
    _request.asked = True


def send_when_answered(**kwargs) -> None:
    asked, _request.asked = getattr(_request, "asked", False), False
    if asked and settings.SEND_LETTERS_AT_ONCE:
        postman.call()


def connect() -> None:
    request_finished.connect(send_when_answered, dispatch_uid="portal.outbox.prompt")
