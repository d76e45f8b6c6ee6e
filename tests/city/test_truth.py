"""truth.yaml against the world: every verdict is worked out again here from what was published and what is shown.

Nothing of the product judges here, and nothing of truth.yaml is read before both are compared: other code, other
calendar (written out by hand from the State Council's schedule for 2025), other QR reading.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urljoin, urlsplit

import zxingcpp
from PIL import Image

from fixtures.city import City
from fixtures.city.addresses import announcement_id, article_url
from fixtures.city.world import Piece
from gzcrawl.items import SHANGHAI, Platform
from gzcrawl.registry import Account, Department, Site, State

OFF = {date(2025, 10, day) for day in range(1, 9)}
WORKING_WEEKENDS = {date(2025, 9, 28), date(2025, 10, 11)}
JUDGED = timedelta(days=30)


def test_truth_lists_exactly_what_the_world_makes_wrong(city: City) -> None:
    expected = dict(verdicts(city))
    told = {(e.rule, e.subject): e.verdict for e in city.truth if not e.deferred}
    wrong = {key for key, verdict in expected.items() if verdict in ("violation", "warning")}
    assert {key for key, verdict in told.items() if verdict in ("violation", "warning")} == wrong
    assert {key: expected.get(key) for key in told} == told


def test_truth_names_each_subject_once_and_only_subjects_that_exist(city: City) -> None:
    keys = [(entry.rule, entry.subject) for entry in city.truth]
    assert len(keys) == len(set(keys)) == len({entry.id for entry in city.truth})
    assert {key for key in keys if key[0] in ("dormant", "repost_lag", "qr_code")} <= {k for k, _ in verdicts(city)}


def test_what_is_deferred_is_in_the_world(city: City) -> None:
    deferred = {entry.deferred: entry.subject for entry in city.truth if entry.deferred}
    accounts = {a.id: a for a in city.registry.accounts}
    posts = {id: city.world.shown(id, city.now) for id in accounts}

    second = accounts[deferred["uniqueness"]]
    assert len(city.registry.accounts_of(second.department, second.platform)) == 2
    assert len({a.name for a in city.registry.accounts_of(deferred["naming"])}) == 2
    verification = city.world.story.account(deferred["verification"]).verification or ""
    assert not any(
        n in verification for n in city.registry.department(accounts[deferred["verification"]].department).names
    )
    announcement, _, department = deferred["source_label"].partition("@")
    reposts = [
        p for a in city.registry.accounts_of(department) for p in posts[a.id] if p.announcement and p.via == "own"
    ]
    assert [p for p in reposts if not (p.source or p.link) and announcement == id_of(city, p.announcement or "")]
    leaking = [id for id, pieces in posts.items() for p in pieces if re.search(r"\d{17}[\dX]", p.title + p.body)]
    assert leaking == [deferred["privacy"]]
    assert city.world.story.account(deferred["closure"]).answers == "gone"


def verdicts(city: City) -> Iterator[tuple[tuple[str, str], str]]:
    for account in city.registry.accounts:
        yield ("dormant", account.id), dormant(city, account)
    for id, piece in city.world.announcements.items():
        if piece.at <= city.now - JUDGED:
            continue
        publisher = city.registry.by_id[piece.target]
        assert isinstance(publisher, Site)
        for department in city.registry.departments:
            if department.id != publisher.department:
                yield ("repost_lag", f"{id_of(city, id)}@{department.id}"), repost_lag(city, piece, department)
    for site in city.registry.sites:
        for account in city.registry.accounts_of(site.department):
            if not site.expects_qr or account.id in site.expects_qr:
                yield ("qr_code", f"{account.id}@{site.id}"), qr_code(city, account, site)


def id_of(city: City, announcement: str) -> str:
    piece = city.world.announcements[announcement]
    site = city.registry.by_id[piece.target]
    assert isinstance(site, Site)
    return announcement_id(article_url(site, city.world.story.sites[site.id].cms, piece))


def sources_of(city: City, account: Account) -> int:
    """How many public sources show the account; 2 for a Weibo timeline, which is complete."""
    told = city.world.story.account(account.id)
    if account.platform is Platform.WEIBO:
        return 2 if told.answers == "normal" else 0
    return (told.sogou == "indexed" and account.watch.sogou) + bool(account.watch.albums)


def dormant(city: City, account: Account) -> str:
    today = city.now.astimezone(SHANGHAI).date()
    if account.paused_on(today):
        return "ok"
    sources = sources_of(city, account)
    shown = city.world.shown(account.id, city.now)
    if not sources:
        return "unknown"
    if not shown:
        assert account.opened_on is not None
        return "violation" if (today - account.opened_on).days - 1 > 15 else "ok"
    age = city.now - max(piece.at for piece in shown)
    if age <= timedelta(days=12):
        return "ok"
    if sources < 2:
        return "unknown"
    return "violation" if age > timedelta(days=15) else "warning"


def repost_lag(city: City, announcement: Piece, department: Department) -> str:
    accounts = city.registry.accounts_of(department.id)
    today = city.now.astimezone(SHANGHAI).date()
    active = [a for a in accounts if a.state is State.ACTIVE and not a.paused_on(today)]
    if not active:
        return "ok"
    due = end_of_next_working_day(announcement.at)
    seen = [p for a in accounts if sources_of(city, a) for p in city.world.shown(a.id, city.now)]
    seen += [p for s in city.registry.sites_of(department.id) for p in city.world.shown(s.id, city.now)]
    if any(p.announcement == announcement.announcement and announcement.at <= p.at < due for p in seen):
        return "ok"
    if city.now < due:
        return "ok"
    complete = all(a.platform is Platform.WEIBO and sources_of(city, a) for a in active)
    return "violation" if complete else "unknown"


def end_of_next_working_day(at: datetime) -> datetime:
    day = at.astimezone(SHANGHAI).date() + timedelta(days=1)
    while not (day in WORKING_WEEKENDS or (day.weekday() < 5 and day not in OFF)):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def qr_code(city: City, account: Account, site: Site) -> str:
    """A look at the page as served: every picture anything refers to, each decoded."""
    page = fetch(city, site.home)
    robots = fetch(city, urljoin(site.home, "/robots.txt"))
    if page is None or robots is None or b"Disallow: /\n" in robots:
        return "unknown"
    text = page.decode("gb18030" if b"gb2312" in page else "utf-8")
    addresses = re.findall(r"""(?:src|data-src)="([^"]+)"|url\("([^"]+)"\)""", text)
    found = {code for pair in addresses for code in decode(city, urljoin(site.home, pair[0] or pair[1]))}
    if account.platform is Platform.WEIBO:
        there = any(re.search(rf"\b{account.uid}$", code) for code in found)
    else:
        there = bool(found & set(account.qr_payloads))
    if there:
        return "ok"
    return "unknown" if "<script" in text or "<link" in text else "violation"


def fetch(city: City, url: str) -> bytes | None:
    """The body after redirects; None when there is no page."""
    for _ in range(3):
        parts = urlsplit(url)
        response = city.answer(parts.scheme, parts.hostname or "", parts.path, parts.query)
        if "Location" not in response.headers:
            return response.body if response.status == 200 and not response.dropped else None
        url = response.headers["Location"]
    return None


def decode(city: City, url: str) -> list[str]:
    if url.startswith("data:"):
        body: bytes | None = base64.b64decode(url.partition(",")[2])
    else:
        body = fetch(city, url)
    if not body or not body.startswith((b"\x89PNG", b"\xff\xd8", b"GIF")):
        return []
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(body)))]
