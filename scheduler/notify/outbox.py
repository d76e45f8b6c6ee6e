"""The outbox: a message is written once under its key, and sent until the server has taken it.

At least once, with a stable Message-ID: a crash between the server's answer and our note of it sends the same message
again, and a receiver that deduplicates shows it once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from pymongo.database import Database

from gzcrawl.store import alerts as store
from scheduler.notify.settings import MailSettings
from scheduler.notify.smtp import DeliveryError, send

Db = Database[dict[str, Any]]

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
MAX_ATTEMPTS = 60
"""With the waits above about nine days: a mail server that is down for a week loses nothing."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    sent: int = 0
    waiting: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()


def message_id(key: str, sender: str) -> str:
    """The same for every attempt at the same message."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "gzcrawl.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def enqueue(db: Db, key: str, recipient: str, message: EmailMessage, now: datetime) -> bool:
    """Put a message for one recipient into the outbox; False when it is (or was) there already."""
    entry = {
        "_id": f"{key}|{recipient}",
        "state": "pending",
        "recipient": recipient,
        "subject": str(message["Subject"]),
        "message_id": str(message["Message-ID"]),
        "message": message.as_bytes(policy=policy.SMTP),
        "created_at": now,
        "next_attempt_at": now,
        "attempts": 0,
    }
    return store.enqueue(db, entry)


def deliver(db: Db, settings: MailSettings, now: datetime) -> DeliveryReport:
    """Send everything that is due. The caller holds the lease "deliver": one sender at a time."""
    sent = waiting = dead = 0
    errors: list[str] = []
    while entry := store.claim(db, now):
        message = message_from_bytes(entry["message"], policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        try:
            send(settings, message, entry["recipient"])
        except DeliveryError as error:
            errors.append(f"{entry['recipient']}：{error}")
            if error.permanent or entry["attempts"] >= MAX_ATTEMPTS:
                store.settle(db, entry["_id"], "dead", last_error=str(error))
                dead += 1
            else:
                wait = min(FIRST_WAIT * 2 ** (entry["attempts"] - 1), LONGEST_WAIT)
                store.settle(db, entry["_id"], "pending", last_error=str(error), next_attempt_at=now + wait)
                waiting += 1
        else:
            store.settle(db, entry["_id"], "sent", sent_at=now)
            sent += 1
    return DeliveryReport(sent, waiting, dead, tuple(errors))
