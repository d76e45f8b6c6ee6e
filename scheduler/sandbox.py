"""The sandbox: a fictional city, a mail server and a database, all on this machine, and the product pointed at them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from pymongo.database import Database

from fixtures.city import WORDS, City, CityServer
from gzcrawl.clock import ENV as ENV_NOW
from gzcrawl.evidence import EvidenceStore
from gzcrawl.mongod import ENV_URI
from gzcrawl.store import events, qr, rounds
from gzcrawl.store.connect import data_dir
from gzcrawl.store.registry import save_registry
from gzcrawl.store.schema import ensure_schema
from scheduler.evidence.seal import seal
from scheduler.patrol import crawl_with

LOOKS_BEFORE = (timedelta(hours=24), timedelta(hours=12))

INBOX = "clerk@zhangjiang.example"


class Inbox:
    """An SMTP handler that keeps each message once, by its Message-ID, as a receiver that deduplicates would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        head = envelope.content.split(b"\r\n\r\n", 1)[0]
        ids = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        name = hashlib.sha256(b"".join(ids) or envelope.content).hexdigest()[:16]
        (self.folder / f"{name}.eml").write_bytes(envelope.content)
        return "250 OK"


@dataclass(frozen=True)
class Sandbox:
    city: City
    data_dir: Path
    inbox: Path


@contextlib.contextmanager
def sandbox(data_dir: Path, now: datetime | None = None, city: City | None = None) -> Iterator[Sandbox]:
    """Start the city and the mail server and set the environment so that everything below uses only them."""
    city = city or (City(now=now) if now else City())
    inbox = Inbox(data_dir / "inbox")
    smtp = Controller(inbox, hostname="127.0.0.1", port=free_port())
    with CityServer(city) as server:
        smtp.start()
        try:
            with environment(
                {
                    ENV_NOW: city.now.isoformat(),
                    "GZCRAWL_DATA": str(data_dir),
                    "http_proxy": server.proxy_url,
                    "https_proxy": server.proxy_url,
                    "no_proxy": None,
                    "SSL_CERT_FILE": str(server.ca_file),
                    "GZCRAWL_DELAY": "0",
                    "GZCRAWL_TIMEOUT": "20",
                    "GZCRAWL_SMTP_HOST": "127.0.0.1",
                    "GZCRAWL_SMTP_PORT": str(smtp.port),
                    "GZCRAWL_SMTP_SECURITY": "none",
                    "GZCRAWL_MAIL_FROM": "gzcrawl@zhangjiang.example",
                    "GZCRAWL_MAIL_TO": INBOX,
                    "GZCRAWL_WORDS": str(WORDS),
                    ENV_URI: None,
                }
            ):
                yield Sandbox(city, data_dir, inbox.folder)
        finally:
            smtp.stop()


def settle(db: Database[dict[str, Any]], city: City, uri: str) -> None:
    """What the product knew before its first whole round: the registry, declared events, links that failed yesterday, and
    the technical checks of the day before."""
    ensure_schema(db)
    save_registry(db, city.registry)
    for event in city.events:
        events.save(db, event)
    qr.remember(db, (link for link in city.remembered if link.url not in qr.links(db)))
    for before in LOOKS_BEFORE:
        _look(db, uri, city.now.astimezone(UTC) - before)


def _look(db: Database[dict[str, Any]], uri: str, at: datetime) -> None:
    """Technical checks at an earlier clock: what is a violation only when seen again has been seen before.

    A round of its own by the product's own crawl; the city's sites stand as they will.
    """
    with environment({ENV_NOW: at.isoformat()}):
        round_id = rounds.begin(db, at)
        if rounds.find(db, round_id)["state"] != "done":
            crawl_with(round_id, ("website",), uri=uri, only_due=False)
            seal(db, EvidenceStore(data_dir()), round_id, at)
            rounds.advance(db, round_id, "done", finished_at=at)


def free_port() -> int:
    """A port nobody listens on: aiosmtpd cannot be given port 0."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def environment(changes: dict[str, str | None]) -> Iterator[None]:
    """Environment variables set (or, where None, unset) inside the context."""
    before = {name: os.environ.get(name) for name in changes}
    _apply(changes)
    try:
        yield
    finally:
        _apply(before)


def _apply(changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
