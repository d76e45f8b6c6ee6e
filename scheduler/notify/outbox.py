"""The outbox: a message is written once under its key, and sent until the receiver's server has taken it.

At least once, with a stable Message-ID: a crash between the server's answer and our note of it sends the same message
again, and a receiver that deduplicates shows it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from pymongo.client_session import ClientSession

from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from scheduler.alerts.apply import notified
from scheduler.notify.channels import Note, send_note
from scheduler.notify.settings import MailSettings
from scheduler.notify.smtp import DeliveryError, send

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
MAX_ATTEMPTS = 60
"""With the waits above about nine days: a mail server that is down for a week loses nothing."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`waiting`: everything that is still to be delivered, due or not."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()


def enqueue(
    db: Db,
    key: str,
    recipient: str,
    message: EmailMessage | Note,
    now: datetime,
    *,
    address: str | None = None,
    alerts: Sequence[str] = (),
    session: ClientSession | None = None,
) -> bool:
    """Put a message for one recipient into the outbox; False when it is (or was) there already.

    `address`: where a mail goes, if `recipient` is only a name. The address of a channel is a secret and never stored.
    `alerts`: what the message tells of.
    """
    entry: dict[str, Any] = {
        "_id": f"{key}|{recipient}",
        "state": "pending",
        "recipient": recipient,
        "alerts": list(alerts),
        "created_at": now,
        "next_attempt_at": now,
        "attempts": 0,
    }
    if isinstance(message, Note):
        entry |= {"subject": message.title, "message_id": message.id, "note": message.text}
    else:
        entry |= {
            "subject": str(message["Subject"]),
            "message_id": str(message["Message-ID"]),
            "message": message.as_bytes(policy=policy.SMTP),
            "address": address or recipient,
        }
    return store.enqueue(db, entry, session)


def deliver(
    db: Db, settings: MailSettings | None, now: datetime, channels: Mapping[str, str] | None = None
) -> DeliveryReport:
    """Send everything that is due. The caller holds the lease "deliver": one sender at a time.

    `channels`: the address of each recipient that is not reached by mail.
    """
    sent = dead = 0
    errors: list[str] = []
    mail, silent = (
        True,
        set[str](),
    )  # what need not be tried again in this run: it would cost a timeout for each message
    while entry := store.claim(db, now, mail=mail, without=silent):
        try:
            _send(entry, settings, channels or {}, now)
        except DeliveryError as error:
            errors.append(f"{entry['recipient']}：{error}")
            dead += _failed(db, entry, error, now)
            if error.away and "note" in entry:
                silent.add(entry["recipient"])
            elif error.away:
                mail = False
        else:
            _sent(db, entry, now)
            sent += 1
    counts = store.outbox_counts(db)
    waiting = sum(count for state, (count, _oldest) in counts.items() if state != "dead")
    return DeliveryReport(sent, waiting, dead, tuple(errors))


def _failed(db: Db, entry: Mapping[str, Any], error: DeliveryError, now: datetime) -> bool:
    """Put it back for later, or give it up: whether it is a dead letter now."""
    if error.permanent or entry["attempts"] >= MAX_ATTEMPTS:
        store.settle(db, entry["_id"], "dead", last_error=str(error))
        return True
    wait = min(FIRST_WAIT * 2 ** (entry["attempts"] - 1), LONGEST_WAIT)
    store.settle(db, entry["_id"], "pending", last_error=str(error), next_attempt_at=now + wait)
    return False


def _sent(db: Db, entry: Mapping[str, Any], now: datetime) -> None:
    def work(session: ClientSession) -> None:
        store.settle(db, entry["_id"], "sent", session, sent_at=now)
        notified(db, entry.get("alerts", ()), entry["_id"], now, session)

    store.transaction(db, work)


def _send(entry: Mapping[str, Any], settings: MailSettings | None, channels: Mapping[str, str], now: datetime) -> None:
    if "note" in entry:
        name = entry["recipient"]
        if name not in channels:
            raise DeliveryError(f"收件人名单里已没有 {name}", permanent=True)
        send_note(channels[name], Note(id=entry["message_id"], title=entry["subject"], text=entry["note"]), now)
        return
    if settings is None:
        raise DeliveryError("没有设置邮件服务器，请设置 GZCRAWL_SMTP_HOST", away=True)
    message = message_from_bytes(entry["message"], policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    send(settings, message, entry["address"])
