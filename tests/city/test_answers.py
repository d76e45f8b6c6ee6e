"""The city's answers have the shapes the product reads: its own parsers, proven on real captures, read them."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from fixtures.city import City
from fixtures.city.addresses import bid, mid, wechat_long, wechat_short
from fixtures.city.weibotext import created_at
from gzcrawl.items import SHANGHAI, Outcome, Platform, Precision, RepostKind
from gzcrawl.registry import Account
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.sogou import parse_accounts, parse_articles
from gzcrawl.sources.wechat import parse_album, parse_article
from gzcrawl.sources.weibo import parse_long_text, parse_profile, parse_timeline, settle_empty

WEIBO = "https://m.weibo.cn/api/container/getIndex?type=uid&value={uid}"


def ask(city: City, url: str) -> Page:
    """The page after redirects, as a spider would hand it to a parser."""
    for _ in range(3):
        parts = urlsplit(url)
        response = city.answer(parts.scheme, parts.hostname or "", parts.path, parts.query)
        if "Location" not in response.headers:
            break
        url = response.headers["Location"]
    return Page(url=url, body=response.body, status=response.status, headers={"content-type": response.content_type})


def account(city: City, id: str) -> Account:
    found = city.registry.by_id[id]
    assert isinstance(found, Account)
    return found


def timeline(city: City, id: str, **paging: str) -> Parsed:
    uid = account(city, id).uid
    url = WEIBO.format(uid=uid) + f"&containerid=107603{uid}" + "".join(f"&{k}={v}" for k, v in paging.items())
    return parse_timeline(ask(city, url), city.now)


def weibo_accounts(city: City, answers: str) -> list[Account]:
    story = city.world.story
    return [
        a for a in city.registry.accounts if a.platform is Platform.WEIBO and story.account(a.id).answers == answers
    ]


def test_every_weibo_account_that_answers_has_a_profile_and_a_whole_timeline_page_by_page(city: City) -> None:
    for one in weibo_accounts(city, "normal"):
        profile = parse_profile(ask(city, WEIBO.format(uid=one.uid)), city.now)
        told = city.world.story.account(one.id).name or one.name
        assert (profile.outcome, profile.profiles[0].name) == (Outcome.OK, told)
        written = city.world.shown(one.id, city.now)
        assert profile.hints == {"containerid": f"107603{one.uid}", "statuses_count": len(written)}
        seen: list[str] = []
        paging: dict[str, str] = {}
        while written:
            page = timeline(city, one.id, **paging)
            assert page.outcome is Outcome.OK, (one.id, page)
            seen += [post.native_id for post in page.posts]
            if page.hints["end"]:
                break
            paging = {"since_id": str(page.hints["since_id"])}
        assert sorted(seen) == sorted(mid(piece) for piece in written)


def test_paging_by_number_shows_the_same_as_paging_by_since_id(city: City) -> None:
    first = timeline(city, "zfb-weibo")
    by_number = timeline(city, "zfb-weibo", page="2")
    by_since = timeline(city, "zfb-weibo", since_id=str(first.hints["since_id"]))
    assert [p.native_id for p in by_number.posts] == [p.native_id for p in by_since.posts]
    assert not any(p.pinned for p in by_number.posts)


@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        ("login", Outcome.BLOCKED, "weibo_login"),
        ("visitor", Outcome.BLOCKED, None),
        ("http_418", Outcome.BLOCKED, None),
        ("http_432", Outcome.BLOCKED, None),
        ("gone", Outcome.GONE, "weibo_user_not_found"),
    ],
)
def test_what_stands_in_the_way_of_weibo_is_recognised(
    city: City, answers: str, outcome: Outcome, reason: str | None
) -> None:
    one, *_ = weibo_accounts(city, answers)
    parsed = parse_profile(ask(city, WEIBO.format(uid=one.uid)), city.now)
    assert parsed.outcome is outcome
    assert reason in (None, parsed.reason)


def test_an_empty_answer_is_true_of_one_account_and_false_of_another(city: City) -> None:
    for id, outcome in (("ggzy-weibo", Outcome.EMPTY), ("wxb-weibo", Outcome.BLOCKED)):
        profile = parse_profile(ask(city, WEIBO.format(uid=account(city, id).uid)), city.now).profiles[0]
        answer = timeline(city, id)
        assert answer.hints["ambiguous_empty"]
        assert settle_empty(answer, profile).outcome is outcome


def test_pinned_posts_stand_first_and_are_old(city: City) -> None:
    posts = timeline(city, "zfb-weibo").posts
    assert [p.pinned for p in posts[:3]] == [True, True, False]
    assert posts[1].published_at and posts[2].published_at
    assert posts[1].published_at < posts[2].published_at - timedelta(days=100)


def test_relative_times_mean_what_was_meant(city: City) -> None:
    written = {mid(p): p.at for p in city.world.shown("wjw-weibo", city.now)}
    posts = [p for page in "123" for p in timeline(city, "wjw-weibo", page=page).posts]
    assert {p.precision for p in posts} == {Precision.MINUTE, Precision.HOUR, Precision.DAY}
    minute = timedelta(minutes=1)  # "5分钟前" is cut, not rounded
    for post in posts:
        assert post.interval
        assert post.interval[0] - minute <= written[post.native_id] < post.interval[1]


def test_short_times_take_every_form() -> None:
    now = datetime(2025, 10, 13, 9, tzinfo=SHANGHAI)
    ages = {
        "刚刚": 20,
        "5分钟前": 310,
        "3小时前": 12000,
        "昨天 12:30": 73800,
        "10-06": 7 * 86400,
        "2024-10-13": 365 * 86400,
    }
    assert [created_at(now - timedelta(seconds=age), now, "short") for age in ages.values()] == list(ages)


def test_the_newest_posts_of_one_account_stand_in_a_group_of_cards(city: City) -> None:
    uid = account(city, "jtj-weibo").uid
    cards = json.loads(ask(city, WEIBO.format(uid=uid) + f"&containerid=107603{uid}").body)["data"]["cards"]
    (group,) = [card for card in cards if card["card_type"] == 11]
    newest = mid(city.world.shown("jtj-weibo", city.now)[0])
    assert group["card_group"][0]["mblog"]["mid"] == newest
    assert cards[0]["mblog"]["mid"] != newest


def test_a_retweet_carries_its_original_and_a_quick_repost_only_its_id(city: City) -> None:
    posts = [p for id in ("zfb-weibo", "yjj-weibo") for page in "1234" for p in timeline(city, id, page=page).posts]
    originals = [p.repost_of for p in posts if p.repost_of]
    retweets = {o.author_name for o in originals if o.kind is RepostKind.RETWEET}
    assert retweets == {"健康章江", "应急章江", "章江发布"}
    quick = {o.native_id for o in originals if o.kind is RepostKind.QUICK}
    assert quick & {mid(p) for p in city.world.shown("qxj-weibo", city.now)}


def test_a_long_text_is_cut_in_the_list_and_whole_on_request(city: City) -> None:
    (piece,) = [p for p in city.world.shown("lyj-weibo", city.now) if p.announcement == "flu"]
    listed = next(
        p for page in "12345" for p in timeline(city, "lyj-weibo", page=page).posts if p.native_id == mid(piece)
    )
    assert listed.long_text
    whole = parse_long_text(ask(city, f"https://m.weibo.cn/statuses/extend?id={mid(piece)}"), city.now).posts[0]
    assert piece.body.split("\n")[1] in whole.text
    assert piece.body.split("\n")[1] not in listed.text


def test_a_short_id_is_the_long_one_in_base_62(city: City) -> None:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for piece in city.world.shown("zfb-weibo", city.now)[:20]:
        short = bid(piece)
        groups = [short[max(0, end - 4) : end] for end in range(len(short), 0, -4)]
        numbers = [sum(alphabet.index(c) * 62**n for n, c in enumerate(reversed(g))) for g in groups]
        assert "".join(
            str(n) if i == len(numbers) - 1 else f"{n:07d}" for i, n in reversed(list(enumerate(numbers)))
        ) == mid(piece)


def search(city: City, kind: int, wanted: str) -> Page:
    return ask(city, f"https://weixin.sogou.com/weixin?type={kind}&query={quote(wanted)}&ie=utf8")


def test_sogou_finds_each_account_it_knows_with_its_newest_article_late(city: City) -> None:
    for one in (a for a in city.registry.accounts if a.platform is Platform.WECHAT):
        if city.world.story.account(one.id).sogou != "indexed":
            continue
        cards = parse_accounts(search(city, 1, one.wechat_id or ""), city.now)
        assert cards.profiles[0].wechat_id == one.wechat_id
        articles = parse_articles(search(city, 2, one.name), city.now)
        own = [p for p in articles.posts if p.author_name == one.name]
        assert own
        newest = max(p.published_at for p in own if p.published_at)
        assert newest <= max(p.at for p in city.world.shown(one.id, city.now))
        assert newest <= city.now - timedelta(hours=20)


def test_sogou_is_fuzzy_knows_not_all_and_sometimes_shows_its_captcha(city: City) -> None:
    names = {p.author_name for p in parse_articles(search(city, 2, "章江公积金"), city.now).posts}
    assert len(names) > 1
    absent = parse_accounts(search(city, 1, "qinglingweixun"), city.now)
    assert "青岭微讯" not in {p.name for p in absent.profiles}
    assert parse_accounts(search(city, 1, "没有这个账号"), city.now).outcome is Outcome.EMPTY
    captcha = search(city, 1, "平安章江")
    assert "/antispider/" in captcha.url
    assert parse_accounts(captcha, city.now).outcome is Outcome.BLOCKED


def album(city: City, one: Account, **paging: str) -> Page:
    (id,) = one.watch.albums
    query = "".join(f"&{name}={value}" for name, value in paging.items())
    address = "https://mp.weixin.qq.com/mp/appmsgalbum?action=getalbum&__biz={}&album_id={}&count=20{}&f=json"
    return ask(city, address.format(quote(one.biz or ""), id, query))


def test_an_album_is_read_to_its_end(city: City) -> None:
    one = account(city, "zfb-wechat")
    page = parse_album(album(city, one), city.now)
    assert page.posts[0].author_name == "章江发布"
    seen = [p.title for p in page.posts]
    while page.hints:
        page = parse_album(album(city, one, **{k: str(v) for k, v in page.hints.items()}), city.now)
        seen += [p.title for p in page.posts]
    written = [p.title for p in city.world.shown("zfb-wechat", city.now)]
    assert [t for t in written if t in set(seen)] == seen
    assert len(seen) > 20


def article(city: City, id: str, announcement: str) -> Parsed:
    (piece,) = [p for p in city.world.shown(id, city.now) if p.announcement == announcement]
    return parse_article(ask(city, wechat_short(piece)), city.now)


def test_an_article_page_names_its_account_and_not_the_advertising_one(city: City) -> None:
    (post,) = article(city, "qlx-wechat", "typhoon").posts
    one = account(city, "qlx-wechat")
    assert (post.author_id, post.author_name, post.source_label) == (one.gh, one.name, "章江市应急管理局")
    assert post.published_at == datetime(2025, 9, 27, 7, 50, tzinfo=SHANGHAI)
    assert "212户居民" in post.text


@pytest.mark.parametrize(
    ("by", "announcement", "kind"), [("wxb-wechat", "flu", RepostKind.REPRINT), ("wlj-wechat", "flu", RepostKind.SHARE)]
)
def test_a_reprint_and_a_share_name_their_source(city: City, by: str, announcement: str, kind: RepostKind) -> None:
    (post,) = article(city, by, announcement).posts
    publisher = account(city, "wjw-wechat")
    assert post.repost_of
    assert (post.repost_of.kind, post.repost_of.author_id, post.repost_of.author_name) == (
        kind,
        publisher.gh,
        "健康章江",
    )
    number = base64.b64decode(publisher.biz or "")
    assert (post.repost_of.native_id or "").startswith(f"{base64.b64encode(number).decode()}:")
    assert bool(post.text) is (kind is RepostKind.REPRINT)


def test_text_and_picture_articles_keep_their_text_in_scripts(city: City) -> None:
    pieces = {p.kind: p for p in city.world.shown("sthj-wechat", city.now)}
    assert set(pieces) == {"article", "pictures", "text"}
    for piece in pieces.values():
        (post,) = parse_article(ask(city, wechat_short(piece)), city.now).posts
        assert post.published_at == piece.at
        assert piece.body.split("\n")[0][:20] in post.text


def test_a_deleted_article_says_so_and_an_unknown_one_has_expired(city: City) -> None:
    (deleted,) = [p for p in city.world.shown("qxj-wechat", city.now) if p.fate == "deleted"]
    one = account(city, "qxj-wechat")
    assert parse_article(ask(city, wechat_long(one, deleted)), city.now).reason == "wechat_deleted"
    gone = parse_article(ask(city, "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"), city.now)
    assert gone.reason == "wechat_link_expired"


def test_addresses_lead_to_the_same_article_long_and_short(city: City) -> None:
    one = account(city, "jyj-wechat")
    piece = city.world.shown("jyj-wechat", city.now)[0]
    long = wechat_long(one, piece)
    assert parse_qs(urlsplit(long).query)["__biz"] == [one.biz]
    assert ask(city, long).body == ask(city, wechat_short(piece)).body


def test_no_answer_betrays_that_it_is_made_up(city: City) -> None:
    """Nothing a template left over, in any answer of the platforms."""
    uid: Any = account(city, "zfb-weibo").uid
    pages = [ask(city, WEIBO.format(uid=uid)), search(city, 1, "章江教育"), search(city, 2, "章江教育")]
    piece = city.world.shown("jyj-wechat", city.now)[0]
    pages.append(ask(city, wechat_short(piece)))
    for page in pages:
        assert not re.search(rb"\{\{|\{%|None|\bnull\b.*error|Traceback", page.body)
