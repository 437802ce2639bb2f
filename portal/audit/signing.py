"""Checkpoints: the chain's length and end, signed with Ed25519.

Whoever can write in the database can make a new chain, but not one that a signature from before
fits. The private key is a file outside the database; the public one verifies anywhere.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import transaction
from django.utils import timezone

from .chain import seal
from .models import Checkpoint, Link

PEM = serialization.Encoding.PEM


class KeyFault(Exception):
    """The key cannot be used; the message says why, in Swedish."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file, which is made the first time and read by its owner only."""
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another made it in the same moment
        except OSError as fault:
            raise KeyFault(f"Nyckeln {path} går inte att skapa ({fault.strerror}).") from None
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(made)
    key = _read(path, lambda text: serialization.load_pem_private_key(text, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFault(f"{path} är ingen privat Ed25519-nyckel.")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """From a file with the public key, or with the private one."""

    def load(text):
        if b"PRIVATE" in text:
            return serialization.load_pem_private_key(text, password=None).public_key()
        return serialization.load_pem_public_key(text)

    key = _read(path, load)
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFault(f"{path} är ingen Ed25519-nyckel.")
    return key


def _read(path, load):
    try:
        return load(path.read_bytes())
    except OSError as fault:
        raise KeyFault(f"Nyckeln {path} går inte att läsa ({fault.strerror}).") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFault(f"{path} är ingen nyckel i PEM-format.") from None


def in_pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def name_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def _signed_text(number, digest, at):
    return f"{number}\n{digest}\n{at.astimezone(UTC).isoformat(timespec='microseconds')}".encode()


@transaction.atomic
def sign(key: Ed25519PrivateKey) -> Checkpoint | None:
    """A checkpoint at the end of the chain, after what waits has got its links."""
    seal()
    end = Link.objects.order_by("-number").first()
    if end is None:
        return None
    at = timezone.now()
    signature = key.sign(_signed_text(end.number, end.digest, at)).hex()
    return Checkpoint.objects.create(
        number=end.number,
        digest=end.digest,
        at=at,
        key=name_of(key.public_key()),
        signature=signature,
    )


def as_line(checkpoint: Checkpoint) -> str:
    """To be kept in another place than the database."""
    at = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = ("number", "digest", "key", "signature")
    return json.dumps({"at": at, **{name: getattr(checkpoint, name) for name in fields}})


def genuine(rows: Iterable[dict], key: Ed25519PublicKey) -> tuple[list[dict], list[str]]:
    """The checkpoints that the key has signed, and a Swedish sentence for each other.

    rows  {"number", "digest", "at" (datetime or ISO text), "key", "signature"}
    """
    held, faults = [], []
    for row in rows:
        try:
            at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
            text = _signed_text(int(row["number"]), row["digest"], at)
            key.verify(bytes.fromhex(row["signature"]), text)
        except (InvalidSignature, ValueError, TypeError, KeyError):
            number = row.get("number", "?") if isinstance(row, dict) else "?"
            faults.append(f"Kontrollpunkten {number} har ingen giltig underskrift.")
        else:
            held.append({"number": int(row["number"]), "digest": row["digest"]})
    return held, faults
