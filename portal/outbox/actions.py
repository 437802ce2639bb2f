"""Letters in and out of the queue. A mail server that is down delays letters, nothing else."""

import hashlib
import logging
from collections import Counter
from datetime import timedelta
from smtplib import (
    SMTPDataError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from uuid import uuid4

from django.core.mail import EmailMessage, get_connection
from django.db.models import QuerySet
from django.utils import timezone

from . import prompt, writers
from .models import OutgoingMail

log = logging.getLogger(__name__)

# How long a letter is in one sender's hands before another may take it: longer than the mail
# server is waited for (EMAIL_TIMEOUT), or a slow letter would be sent twice.
CLAIM = timedelta(minutes=10)
# When a letter that the server refused is tried again; after the last it has failed.
RETRY_AFTER = [timedelta(minutes=5), *(timedelta(hours=hours) for hours in (1, 6, 24, 48))]
SERVER_RETRY_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=90)
# What the server says of one letter; any other fault is of the server or the way to it.
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError, SMTPNotSupportedError)
State = OutgoingMail.State


def queue(
    *,
    key: str,
    to: str,
    subject: str,
    body: str = "",
    writer: str = "",
    about: dict | None = None,
) -> bool:
    """Puts a letter in the queue. False when the letter with that key is there already.

    Give its text, or who writes it (portal.outbox.writers) and about what; such a writer may
    also know the address, which then stands with the room and not here.
    """
    values = {"to": to, "subject": subject, "body": body, "writer": writer, "about": about or {}}
    return OutgoingMail.objects.get_or_create(key=key, defaults=values)[1]


def queue_confidential(
    *, to: str, subject: str, body: str = "", writer: str = "", about: dict | None = None
) -> None:
    """Puts a letter in the queue that is sent as soon as the request is answered, and whose
    text is not kept: give it, or who writes it (portal.outbox.writers) and about what."""
    OutgoingMail.objects.create(
        key=f"confidential {uuid4()}",
        to=to,
        subject=subject,
        body=body,
        writer=writer,
        about=about or {},
        is_confidential=True,
    )
    prompt.ask()


def send_waiting(*, only_confidential: bool = False) -> Counter:
    """Tries every letter that is due: {"sent": 3, "refused": 1, "waiting": 2}.

    Runs at the same time take different letters. One that is cut off between the server's yes
    and the row's "skickat" sends that letter again, under the same Message-ID.
    """
    result = Counter()
    connection = get_connection()
    due = OutgoingMail.objects.due()
    if only_confidential:
        due = due.filter(is_confidential=True)
    # Somebody waits for the confidential ones.
    order = ("-is_confidential", "next_try_at", "pk")
    for pk in list(due.order_by(*order).values_list("pk", flat=True)):
        if not (mail := _claimed(pk)):
            continue
        if (message := _message(mail, connection)) is None:
            mail.delete()
            continue
        try:
            message.send()
        except REFUSALS as fault:
            _put_back(mail, fault, RETRY_AFTER[mail.tries :], tries=mail.tries + 1)
            result["refused"] += 1
        except OSError as fault:
            # Not the letter's fault, so it is not counted against it, and the rest need not try.
            _put_back(mail, fault, [SERVER_RETRY_AFTER], tries=mail.tries)
            log.error("E-postservern kunde inte nås: %s", type(fault).__name__)
            break
        else:
            sent = {"state": State.SENT, "sent_at": timezone.now(), "error": ""}
            _update(mail, **sent, **_out_of_the_queue(mail), claimed_until=None)
            result["sent"] += 1
    connection.close()
    result["waiting"] = OutgoingMail.objects.filter(state=State.WAITING).count()
    return result


def try_again(mails: QuerySet) -> int:
    """Letters that have failed or wait for their time, to be tried at the next run. A text
    that has been erased does not come back."""
    unsent = mails.exclude(state=State.SENT).exclude(body="", writer="")
    return unsent.update(state=State.WAITING, tries=0, next_try_at=timezone.now())


def forget_old() -> int:
    """Deletes letters that have been out of the queue long enough: they hold addresses."""
    old = OutgoingMail.objects.filter(created_at__lt=timezone.now() - KEPT)
    return old.exclude(state=State.WAITING).delete()[0]


def _claimed(pk):
    """The letter, if it was still free: one question to the database decides who gets it."""
    until = timezone.now() + CLAIM
    if not OutgoingMail.objects.due().filter(pk=pk).update(claimed_until=until):
        return None
    return OutgoingMail.objects.get(pk=pk)


def _message(mail, connection):
    """None when its writer finds nobody to write to."""
    letter = writers.write(mail) if mail.writer else writers.Letter(mail.to, mail.body)
    if not letter.to:
        return None
    name = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    return EmailMessage(
        mail.subject,
        letter.body,
        to=[letter.to],
        connection=connection,
        headers={
            **letter.headers,
            "Message-ID": f"<{name}@portal>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _put_back(mail, fault, waits, *, tries):
    if waits:
        values = {"state": State.WAITING, "next_try_at": timezone.now() + waits[0]}
    else:
        values = {"state": State.FAILED, **_out_of_the_queue(mail)}
    _update(
        mail,
        **values,
        tries=tries,
        error=f"{type(fault).__name__}: {fault}"[:300],
        claimed_until=None,
    )


def _out_of_the_queue(mail):
    """What a letter loses when it is tried no more."""
    return {"body": ""} if mail.is_confidential else {}


def _update(mail, **values):
    OutgoingMail.objects.filter(pk=mail.pk).update(**values)
