"""Accounts that sites show and the registry does not know: a person says what they are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.items import AccountCandidate, Platform
from gzcrawl.registry import Account
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import write
from gzcrawl.store.registry import load_registry
from tests.cli.conftest import NOW

Db = Database[dict[str, Any]]

TOKEN = "http://weixin.qq.com/r/newTokenOfTheBureau1"


def candidate(address: str, name: str, platform: Platform = Platform.WEIBO) -> AccountCandidate:
    return AccountCandidate(
        platform=platform, address=address, name=name, site_id="wjw-site", page_url="https://wjw.zhangjiang.example/",
        how="code", context="官方微博",
    )  # fmt: skip


async def store(uri: str) -> None:
    client, db = connect_async(uri)
    found = [
        candidate("https://weibo.com/u/7654321098", "7654321098"),
        candidate("https://weibo.com/zjfabu", "zjfabu"),
        candidate(TOKEN, "newTokenOfTheBureau1", Platform.WECHAT),
    ]
    await write(db, [(one, NOW) for one in found])
    await write(db, [(found[0], NOW + timedelta(days=1))])
    await client.close()


@pytest.fixture
def seen(city: Any, db_uri: str) -> Any:
    asyncio.run(store(db_uri))
    return city


def listed(console: Any, *more: str) -> set[str]:
    _code, said = console("registry", "candidates", *more)
    return {line.split()[0] for line in said.splitlines() if line.startswith(("weibo:", "wechat:"))}


WB, DOMAIN, WX = "weibo:7654321098", "weibo:zjfabu", "wechat:newTokenOfTheBureau1"


def test_candidates_are_listed_with_where_they_were_seen(seen: Any) -> None:
    code, said = seen("registry", "candidates", "list")
    assert code == 0
    assert listed(seen) == {WB, DOMAIN, WX}
    assert "2025-10-13 首次看到" in said  # a second sight changes nothing
    assert "官方微博" in said


def test_a_new_account_enters_the_registry(seen: Any, db: Db) -> None:
    said = seen("registry", "candidates", "accept", WB, "--as", "new-wb", "--department", "wjw", "--name", "章江新号")
    assert said[0] == 0, said
    account = load_registry(db).by_id["new-wb"]
    assert isinstance(account, Account)
    assert (account.uid, account.department, account.name) == ("7654321098", "wjw", "章江新号")
    assert listed(seen) == {DOMAIN, WX}


def test_a_code_is_learned_for_an_account_that_is_there(seen: Any, db: Db) -> None:
    assert seen("registry", "candidates", "accept", WX, "--as", "wjw-wechat")[0] == 0
    account = load_registry(db).by_id["wjw-wechat"]
    assert isinstance(account, Account)
    assert TOKEN in account.qr_payloads
    assert len(account.qr_payloads) > 1  # the old one stays


def test_a_dismissed_candidate_is_not_shown_again(seen: Any) -> None:
    assert seen("registry", "candidates", "dismiss", DOMAIN)[0] == 0
    assert listed(seen) == {WB, WX}
    assert DOMAIN in listed(seen, "list", "--all")


@pytest.mark.parametrize(
    "wrong",
    [
        ("accept", "weibo:nobody", "--as", "wjw-weibo"),
        ("accept", WB, "--as", "new-wb"),
        ("accept", WB, "--as", "new-wb", "--department", "nowhere", "--name", "甲"),
        ("accept", WB, "--as", "wjw-wechat"),
        ("accept", WB, "--as", "wjw-weibo"),  # which has another uid
        ("accept", DOMAIN, "--as", "new-wb", "--department", "wjw", "--name", "甲"),
        ("dismiss", "weibo:nobody"),
    ],
)
def test_a_mistake_is_explained_and_changes_nothing(seen: Any, db: Db, wrong: tuple[str, ...]) -> None:
    before = load_registry(db)
    code, said = seen("registry", "candidates", *wrong)
    assert code != 0
    assert said.startswith("gzcrawl: ")
    assert load_registry(db) == before
    assert listed(seen) == {WB, DOMAIN, WX}
