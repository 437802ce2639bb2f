"""How often one address may send something, without keeping the address.

What is counted is a hash with a salt that is drawn for the day and forgotten with it, in the
cache that all workers share. Two requests in the same instant may be counted as one: the
limit is against floods, not a lock.
"""

import hashlib
import secrets
import threading
from functools import wraps

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone

from portal.caching.shared import FAULTS

from .afterwards import Afterwards

DAY, HOUR = 86_400, 3_600


def sender_code(request) -> str:
    """The same for one network address all day, and of no use to who wants the address."""
    try:
        salt = cache.get_or_set(f"sender-salt-{timezone.localdate()}", secrets.token_hex, DAY)
    except FAULTS:
        salt = secrets.token_hex()
    return hashlib.sha256(f"{salt}|{_address(request)}".encode()).hexdigest()[:32]


def within_limit(request, action: str, *, per_hour: int, number: int = 1) -> bool:
    """Counts one more, or some; whether it was within what an address may do in an hour. Writes
    to the shared cache, so it is for what writes anyway; what only reads has the one below."""
    key = f"limit-{action}-{sender_code(request)}-{timezone.localtime():%H}"
    try:
        used = cache.get(key, 0)
        if used >= per_hour:
            return False
        cache.set(key, used + number, HOUR)
    except FAULTS:
        pass  # a reader's word counts for more than a count that is missing
    return True


def _address(request):
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        # Proxies told nothing to go by: such senders share one limit.
        return ""


# What readers do often is counted in the process, and told the shared cache a score at a time
# when the answer has left: no reader waits for it, and a flood is still counted over all workers.
STEP = 20
MOST_SENDERS = 10_000
_own_salt = secrets.token_hex()
_own_counts: dict[tuple, int] = {}
_own_lock = threading.Lock()
REFUSED = -1


def within_limit_of_many(request, action: str, *, per_hour: int) -> bool:
    """As within_limit, to the nearest score a worker; 0 an hour is no limit."""
    if not per_hour:
        return True
    code = hashlib.sha256(f"{_own_salt}|{_address(request)}".encode()).hexdigest()[:32]
    key = (action, f"{timezone.localtime():%d%H}", code)
    with _own_lock:
        if len(_own_counts) >= MOST_SENDERS:
            _own_counts.clear()
        count = _own_counts.get(key, 0)
        if count == REFUSED:
            return False
        count = _own_counts[key] = count + 1
    if count % min(STEP, per_hour) == 0:
        _scores.add(request, key, per_hour)
    return True


def _tell(request, key, per_hour):
    number = min(STEP, per_hour)
    if not within_limit(request, key[0], per_hour=per_hour, number=number):
        with _own_lock:
            _own_counts[key] = REFUSED


_scores = Afterwards(_tell)


def limited_search(view):
    """A page that searches: who asks too often gets a page that says so, and when to try again."""

    @wraps(view)
    def limited(request, *args, **kwargs):
        if request.GET.get("q") and not within_limit_of_many(
            request, "search", per_hour=settings.SEARCHES_PER_HOUR
        ):
            response = render(request, "searches_429.html", status=429)
            response.headers["Retry-After"] = "3600"
            return response
        return view(request, *args, **kwargs)

    return limited
