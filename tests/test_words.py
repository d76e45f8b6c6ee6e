"""The operator's word list: read from a file, found in texts, kept with the posts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from fixtures.city import WORDS
from gzcrawl.items import Post, RepostKind, RepostOf
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import write
from scheduler.wording import check, refresh
from scheduler.words import Word, WordList, WordListError, load
from tests.rules.units import NOW, post

LIST = WordList((Word("卫计委", "medium", "卫健委", ("原卫计委", "卫计委旧址")), Word("QQ群"), Word("５Ｇ")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请到市卫计委咨询", ["卫计委"]),
        ("请到市卫 计\u200b委咨询", ["卫计委"]),
        ("卫计委和原卫计委", ["卫计委"]),
        ("原卫计委", []),
        ("原 卫计委", []),
        ("卫计委旧址", []),
        ("卫计\n委托", []),
        ("加入ｑｑ群", ["QQ群"]),
        ("加入SQQ群", []),
        ("5g套餐", ["５Ｇ"]),
        ("15G套餐、5GB流量", []),
        ("", []),
    ],
)
def test_words_are_found_whatever_their_width_and_spacing_and_exceptions_are_right(text: str, found: list[str]) -> None:
    assert [hit.term for hit in LIST.find(text)] == found


def test_the_context_is_the_text_as_it_was_written() -> None:
    (hit,) = LIST.find("甲" * 30 + "卫 计 委" + "乙" * 30)
    assert hit.context == "甲" * 20 + "卫 计 委" + "乙" * 20


@given(st.text(max_size=200))
def test_any_text_can_be_checked_and_a_word_in_it_is_found(text: str) -> None:
    LIST.find(text)
    assert LIST.find(f"{text}\n卫计委\n")


def test_what_is_anothers_is_not_the_accounts() -> None:
    original = RepostOf(kind=RepostKind.RETWEET, text="卫计委")
    assert check(LIST, post(NOW, text="转发微博//@某人:卫计委", repost_of=original)) == []
    assert check(LIST, post(NOW, text="卫计委", repost_of=RepostOf(kind=RepostKind.QUICK))) == []
    assert check(LIST, post(NOW, text="卫计委", repost_of=RepostOf(kind=RepostKind.REPRINT))) == []
    assert len(check(LIST, post(NOW, title="卫计委", text="卫计委//@某人:卫计委", repost_of=original))) == 2


FILES = {
    "a.toml": '[[word]]\nterm = "卫计委"\nseverity = "medium"\nsuggestion = "卫健委"\nexceptions = ["原卫计委"]\n',
    "a.csv": "词语,级别,建议,例外\n卫计委,medium,卫健委,原卫计委\n",
    "b.csv": "term,severity,suggestion,exceptions\n卫计委,Medium,卫健委,原卫计委|\n",
}


def test_toml_csv_and_what_excel_makes_of_it_are_the_same_list(tmp_path: Path) -> None:
    versions = set()
    for name, text in FILES.items():
        for encoding in ("utf-8", "utf-8-sig", "gb18030") if name.endswith("csv") else ("utf-8",):
            (tmp_path / name).write_text(text, encoding=encoding)
            versions.add(load(tmp_path / name).version)
    assert len(versions) == 1
    (tmp_path / "a.txt").write_text("# 说明\n卫计委\t卫健委\n\n工商局\n", encoding="utf-8")
    assert [word.term for word in load(tmp_path / "a.txt").words] == ["卫计委", "工商局"]
    assert len(load(WORDS).words) == 5


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "[[word", "不是有效的"),
        ("a.toml", '[[word]]\nterm = "甲"\nlevel = "low"', "第 1 条有不认识的栏目 'level'"),
        ("a.csv", "term,severity\n甲,urgent", "第 2 行的级别 'urgent' 无效"),
        ("a.csv", "term,severity\n ,low", "没有词语"),
        ("a.csv", "term,exceptions\n甲,乙", "应包含“甲”"),
        ("a.txt", "甲\n甲", "出现了两次"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_why(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(WordListError, match=said):
        load(tmp_path / name)
    with pytest.raises(WordListError, match="读不了"):
        load(tmp_path / "missing.toml")


def stored(db_uri: str, *posts: Post) -> None:
    async def go() -> None:
        client, db = connect_async(db_uri)
        async with client:
            await write(db, [(each, NOW) for each in posts])

    asyncio.run(go())


def test_a_post_is_checked_once_and_again_when_it_or_the_list_changes(
    db: Database[dict[str, Any]], db_uri: str
) -> None:
    def hits(words: WordList = LIST) -> list[str]:
        refresh(db, words, NOW - timedelta(days=30))
        return sorted(hit["term"] for document in db.posts.find() for hit in document["wording"])

    stored(db_uri, post(NOW, text="卫计委"), post(NOW - timedelta(days=31), native_id="old", text="卫计委"))
    assert hits() == hits() == ["卫计委"]
    stored(db_uri, post(NOW, text="卫计委"))
    assert db.posts.count_documents({"words": LIST.version}) == 1
    stored(db_uri, post(NOW, text="卫健委"))
    assert db.posts.count_documents({"words": LIST.version}) == 0
    assert hits() == []
    assert hits(WordList((Word("卫健委"),))) == ["卫健委"]
