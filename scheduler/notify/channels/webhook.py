"""A webhook, `json://HOST/PATH`, over TLS `jsons://HOST/PATH`."""

from __future__ import annotations

from datetime import datetime

from scheduler.notify.channels.base import Note, Request


def request(address: str, note: Note, _now: datetime) -> Request:
    scheme = "https" if address.startswith("jsons:") else "http"
    url = f"{scheme}://{address.partition('://')[2]}"
    return Request(url, {"id": note.id, "title": note.title, "text": note.text})
