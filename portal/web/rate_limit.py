"""How often one address may send something, without keeping the address.

What is counted is a hash with a salt that is drawn for the day and forgotten with it, in the
cache that all workers share. Two requests in the same instant may be counted as one: the
limit is against floods, not a lock.
"""

import hashlib
import secrets

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from .shared_cache import FAULTS

DAY, HOUR = 86_400, 3_600


def sender_code(request) -> str:
    """The same for one network address all day, and of no use to who wants the address."""
    try:
        salt = cache.get_or_set(f"sender-salt-{timezone.localdate()}", secrets.token_hex, DAY)
    except FAULTS:
        salt = secrets.token_hex()
    return hashlib.sha256(f"{salt}|{_address(request)}".encode()).hexdigest()[:32]


def within_limit(request, action: str, *, per_hour: int) -> bool:
    """Counts one more; whether it was within what an address may do in an hour."""
    key = f"limit-{action}-{sender_code(request)}-{timezone.localtime():%H}"
    try:
        used = cache.get(key, 0)
        if used >= per_hour:
            return False
        cache.set(key, used + 1, HOUR)
    except FAULTS:
        pass  # a reader's word counts for more than a count that is missing
    return True


def _address(request):
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        # Proxies told nothing to go by: such senders share one limit.
        return ""
