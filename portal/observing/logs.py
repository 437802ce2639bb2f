"""The log as text or as JSON lines, with the request's name and without anything personal.

What a message may carry along is taken out when it is written: mail addresses, network
addresses, personal identity numbers, and whatever stands after a question mark. Of an exception
the lines of code are kept, and its message cleaned like any other; the database's own details
("Key (email)=…") are dropped.
"""

import json
import logging
import re
import threading
import time
import traceback
from datetime import UTC, datetime

from django.conf import settings
from django.core.mail import EmailMessage

from . import metrics
from .request_id import current

HIDDEN = "[dolt]"
THREAD = "letter about an error"
_HEX = r"[0-9a-fA-F]{1,4}"
_SOME = rf"(?:{_HEX}(?::{_HEX})*)?"
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # a mail address
    r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"  # IPv4
    rf"|(?<![\w:])(?:(?:{_HEX}:){{7}}{_HEX}|{_SOME}::{_SOME})(?![\w:])"  # IPv6
    r"|(?<!\w)(?:\d{2})?\d{6}[-+]?\d{4}(?!\w)"  # a personal identity number
)
_QUERY = re.compile(r"(?<=\S)\?[^\s\"']+")
_DETAILS = re.compile(r"\nDETAIL:.*", re.S)


def cleaned(text: str) -> str:
    return _PERSONAL.sub(HIDDEN, _QUERY.sub("?…", _DETAILS.sub("", text)))


def what_failed(exc_info) -> dict:
    """{"type", "message", "lines": ["portal/views.py:31 search", …]}, the innermost last."""
    kind, fault, trace = exc_info
    return {
        "type": kind.__name__,
        "message": cleaned(str(fault)),
        "lines": [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)],
    }


def told(record: logging.LogRecord) -> dict:
    line = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": cleaned(record.getMessage()),
        "request_id": current.get() or None,
    }
    if record.exc_info and record.exc_info[0]:
        line["exception"] = what_failed(record.exc_info)
    return {**line, **getattr(record, "told", {})}


class JSONLines(logging.Formatter):
    def format(self, record):
        return json.dumps(told(record), ensure_ascii=False)


class PlainLines(logging.Formatter):
    def format(self, record):
        line = told(record)
        name = f" [{line['request_id']}]" if line["request_id"] else ""
        text = f"{line['time']} {line['level']} {line['logger']}{name} {line['message']}"
        if fault := line.get("exception"):
            text += "".join(f"\n  {each}" for each in fault["lines"])
            text += f"\n  {fault['type']}: {fault['message']}"
        return text


class CountErrors(logging.Handler):
    """Errors in the log are a number to watch."""

    def emit(self, record):
        metrics.count("error")


class MailErrors(logging.Handler):
    """A letter to those who run the site: the same cleaned text as in the log, and no more.

    The same fault is told once in ten minutes, and the letter is sent by a thread, so that a
    mail server that hangs holds nobody's answer.
    """

    PAUSE = 600
    MOST_KINDS = 200

    def __init__(self):
        super().__init__(logging.ERROR)
        self.sent = {}

    def emit(self, record):
        place = (record.name, record.msg if isinstance(record.msg, str) else "", record.lineno)
        if record.exc_info and record.exc_info[2]:
            last = traceback.extract_tb(record.exc_info[2])[-1]
            place = (last.filename, last.lineno, record.exc_info[0])
        now = time.monotonic()
        if now - self.sent.get(place, -self.PAUSE) < self.PAUSE:
            return
        if len(self.sent) >= self.MOST_KINDS:
            self.sent.clear()
        self.sent[place] = now
        text = PlainLines().format(record)
        threading.Thread(target=self.send, args=[text], name=THREAD, daemon=True).start()

    def send(self, text):
        subject = f"Fel i {settings.SITE_URL}: {text.splitlines()[0]}"[:150]
        letter = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, settings.ERROR_MAIL)
        try:
            letter.send()
        # Whatever a mail server makes go wrong: the fault itself stands in the log already.
        except Exception:
            logging.getLogger("portal.mail").warning("Brevet om ett fel gick inte att skicka.")


def logging_settings(*, as_json: bool, mail: bool) -> dict:
    handlers = ["console", "count_errors", *(["mail"] if mail else [])]
    form = "JSONLines" if as_json else "PlainLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"portal.observing.logs.{form}"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "lines"},
            "count_errors": {"class": "portal.observing.logs.CountErrors", "level": "ERROR"},
            **({"mail": {"class": "portal.observing.logs.MailErrors"}} if mail else {}),
        },
        "root": {"handlers": handlers, "level": "WARNING"},
        "loggers": {
            # A missing page or an odd query string is the reader's everyday, not the operator's.
            "django.request": {"level": "ERROR"},
            # Anybody may send a false host name; it is answered 400 and is nobody's fault here.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # One line for each HEAD, whose body gunicorn rightly leaves out.
            "gunicorn.http.wsgi": {"level": "ERROR"},
            # Django's own handlers would write the same once more, or mail a whole request.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }


# -- Sentry -----------------------------------------------------------------------------------


def without_persons(event: dict, hint: dict | None = None) -> dict:
    """What leaves for Sentry: which code failed where, and no word of who asked or for what."""
    for name in ("user", "server_name", "breadcrumbs", "extra", "modules"):
        event.pop(name, None)
    request = event.pop("request", None) or {}
    if method := request.get("method"):
        event["request"] = {"method": method}
    for each in event.get("exception", {}).get("values", []):
        each["value"] = cleaned(str(each.get("value") or ""))
        for frame in (each.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    for holder in (event.get("logentry") or {}, event):
        for name in ("message", "formatted"):
            if isinstance(holder.get(name), str):
                holder[name] = cleaned(holder[name])
        holder.pop("params", None)
    event.setdefault("tags", {})["request_id"] = current.get() or "-"
    return event


def start_sentry(dsn: str, environment: str) -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        before_send=without_persons,
    )
