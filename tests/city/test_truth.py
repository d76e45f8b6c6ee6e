"""truth.yaml against the world. Two other ways to the same verdicts: `derive`, which knows what was published, and, for
the codes, a look at the pages as served.
"""

from __future__ import annotations

import base64
import io
import re
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
import zxingcpp
from PIL import Image

from fixtures.city import NOW, City
from fixtures.city.addresses import announcement_id, article_url, mid
from fixtures.city.derive import derive, working_day_end_after
from gzcrawl.items import SHANGHAI, Platform
from gzcrawl.registry import Account, Site


def test_the_written_truth_is_what_the_world_makes_of_it(city: City) -> None:
    """All violations and reminders are written down; of what cannot be seen and of what is in order, the traps."""
    derived = {(e.rule, e.subject): e.verdict for e in derive(city.world, city.now)}
    written = {(e.rule, e.subject): e.verdict for e in city.truth if not e.deferred}
    told = ("violation", "warning")
    assert {key: v for key, v in written.items() if v in told} == {key: v for key, v in derived.items() if v in told}
    assert {key: derived.get(key, "ok") for key in written} == written


def test_every_rule_has_three_planted_and_three_look_alikes(city: City) -> None:
    for rule in {entry.rule for entry in city.truth}:
        verdicts = [entry.verdict for entry in city.truth if entry.rule == rule]
        planted = sum(verdict in ("violation", "warning") for verdict in verdicts)
        assert planted >= 3, rule
        assert len(verdicts) - planted >= 3, rule


def test_each_entry_has_its_own_id_and_subject_and_says_why(city: City) -> None:
    assert len({(e.rule, e.subject) for e in city.truth}) == len({e.id for e in city.truth}) == len(city.truth)
    assert all(e.note for e in city.truth)


def test_the_subjects_of_ok_entries_exist(city: City) -> None:
    registry = city.registry
    for entry in city.truth:
        match entry.rule:
            case "dormant":
                assert isinstance(registry.by_id[entry.subject], Account)
            case "repost_lag":
                id, _, department = entry.subject.rpartition("@")
                assert id in {id_of(city, name) for name in city.world.announcements}
                assert registry.department(department)
            case "qr_code":
                account, _, site = entry.subject.partition("@")
                assert isinstance(registry.by_id[account], Account)
                assert isinstance(registry.by_id[site], Site)


@pytest.mark.parametrize(
    ("published", "due"),
    [
        ("2025-09-19 23:50", "2025-09-23 00:00"),
        ("2025-09-26 23:50", "2025-09-29 00:00"),
        ("2025-09-30 17:30", "2025-10-10 00:00"),
        ("2025-10-03 12:00", "2025-10-10 00:00"),
        ("2025-10-10 10:00", "2025-10-12 00:00"),
        ("2025-10-11 23:59", "2025-10-14 00:00"),
        ("2025-10-13 08:10", "2025-10-15 00:00"),
    ],
)
def test_a_deadline_is_the_end_of_the_next_working_day(published: str, due: str) -> None:
    start = datetime.fromisoformat(published).replace(tzinfo=SHANGHAI)
    assert working_day_end_after(start) == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)


def test_truth_moves_with_the_clock() -> None:
    tomorrow = {(e.rule, e.subject): e.verdict for e in City(now=NOW + timedelta(days=2)).truth}
    assert ("dormant", "sthj-weibo") not in tomorrow  # it resumed
    assert tomorrow["dormant", "rsj-weibo"] == "violation"  # one day silent was too much
    due = [s for (rule, s), v in tomorrow.items() if v == "violation" and "/202510/129" in s and s.endswith("@tjj")]
    assert len(due) == 1  # the announcement of Monday is due by now


def test_codes_are_where_truth_says_when_one_looks_at_the_pages(city: City) -> None:
    """Every picture that the page or a script of it refers to, decoded."""
    told = {e.subject: e.verdict for e in city.truth if e.rule == "qr_code"}
    for site in city.registry.sites:
        for account in city.registry.accounts_of(site.department):
            if not site.expects_qr or account.id in site.expects_qr:
                assert look(city, account, site) == told.get(f"{account.id}@{site.id}", "ok")


def id_of(city: City, announcement: str) -> str:
    piece = city.world.announcements[announcement]
    site = city.registry.by_id[piece.target]
    if isinstance(site, Account):
        return f"weibo:{mid(piece)}"
    assert isinstance(site, Site)
    return announcement_id(article_url(site, city.world.story.sites[site.id].cms, piece))


def look(city: City, account: Account, site: Site) -> str:
    page, robots = fetch(city, site.home), fetch(city, urljoin(site.home, "/robots.txt"))
    if page is None or robots is None or b"Disallow: /\n" in robots:
        return "unknown"
    text = page.decode("gb18030" if b"gb2312" in page else "utf-8")
    for script in re.findall(r'<script [^>]*src="([^"]+)"', text):
        code = (fetch(city, urljoin(site.home, script)) or b"").decode()
        text += "".join(f'<img src="/resource/{name}.png">' for name in re.findall(r"'(m\d)'", code))
    addresses = re.findall(r"""(?:src|data-src)="([^"]+)"|url\("([^"]+)"\)""", text)
    found = {code for pair in addresses for code in decode(city, urljoin(site.home, "".join(pair)))}
    if account.platform is Platform.WEIBO:
        there = any(re.search(rf"\b{account.uid}$", code) for code in found)
    else:
        there = bool(found & set(account.qr_payloads))
    return "ok" if there else "violation"


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
    body = base64.b64decode(url.partition(",")[2]) if url.startswith("data:") else fetch(city, url)
    if not body or not body.startswith((b"\x89PNG", b"\xff\xd8", b"GIF")):
        return []
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(body)))]
