"""The pictures beside an alert about codes: what a browser saw, small, and nothing when it is gone."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pymongo.database import Database

from fixtures.qr.codes import code
from gzcrawl.evidence import EvidenceStore
from gzcrawl.items import Outcome, Poll, QrSighting
from gzcrawl.qr.picture import OTHER, annotated, crop, webp
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import write
from scheduler.alerts.life import Alert, step
from scheduler.findings import Evidence, Finding, Verdict
from scheduler.thumbnails import thumbnails
from tests.rules.units import NOW

Db = Database[dict[str, Any]]

BOX = (300, 3000, 200, 200)


@pytest.fixture
def alert(db_uri: str, tmp_path: Path) -> Alert:
    """A wrong code far down on a page of six screens, seen by a browser."""
    page = Image.new("RGB", (1920, 6480), "#eef")
    page.paste(code("https://weibo.com/u/1", BOX[2]), BOX[:2])
    files = {"picture": "evidence/qr/page.webp", "crop": "evidence/qr/code.webp"}
    store = EvidenceStore(tmp_path)
    store.keep_picture(files["picture"], webp(annotated(page, [(BOX, OTHER, "微博")])))
    store.keep_picture(files["crop"], webp(crop(page, BOX)))
    seen = QrSighting(
        round_id="r", site_id="s", page_url="u", image_url="u", image_sha256="h", at=NOW, payload="https://weibo.com/u/1",
        meaning="weibo_account", box=BOX, place="rendered", extra=files,
    )  # fmt: skip
    look = Poll(
        round_id="r",
        target_id="s",
        channel="qr.rendered",
        url="u",
        at=NOW,
        outcome=Outcome.OK,
        picture=files["picture"],
    )

    async def store() -> None:
        client, db = connect_async(db_uri)
        await write(db, [(seen, NOW), (look, NOW)])
        await client.close()

    asyncio.run(store())
    evidence = (Evidence(kind="qr", ref=seen.key), Evidence(kind="poll", ref=look.key))
    finding = Finding(
        rule="qr_code",
        subject="a@s",
        department="wjw",
        verdict=Verdict.VIOLATION,
        reason="另一个账号",
        evidence=evidence,
    )
    opened, _changes = step(None, finding, NOW)
    assert opened is not None
    return opened


def test_the_place_on_the_page_and_the_code_are_shown_small(db: Db, alert: Alert, tmp_path: Path) -> None:
    page, found = thumbnails(db, tmp_path)(alert)
    assert "https://weibo.com/u/1" in found.alt
    assert len(page.data) + len(found.data) < 40_000
    with Image.open(io.BytesIO(page.data)) as image:
        colours = image.convert("RGB").getcolors(1 << 24) or []
        assert any(b > 180 and r < 90 for _count, (r, _g, b) in colours)  # the frame is in the part that is shown


def test_a_page_without_codes_is_shown_from_its_top(db: Db, alert: Alert, tmp_path: Path) -> None:
    (page,) = thumbnails(db, tmp_path)(replace(alert, evidence=alert.evidence[1:]))
    assert "没有识别出" in page.alt


def test_pictures_that_were_cleared_are_left_out(db: Db, alert: Alert, tmp_path: Path) -> None:
    for file in (tmp_path / "evidence" / "qr").iterdir():
        file.unlink()
    assert thumbnails(db, tmp_path)(alert) == []
