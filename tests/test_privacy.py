"""Personal numbers: found and masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Platform, Post, RepostKind, RepostOf
from gzcrawl.privacy import Kind, find, mask, redact

# No such county exists, so these are nobody's numbers; their check digits are right.
RESIDENT, CARD, MOBILE = "369901197504125921", "6217001234567890122", "13800001111"


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        (f"林秀珍，身份证号{RESIDENT}，临时救助", Kind.RESIDENT_ID, "3699**********5921"),
        ("示例11010519491231002X", Kind.RESIDENT_ID, "1101**********002X"),  # the example of GB 11643-1999
        (f"名单：{RESIDENT[:6]} {RESIDENT[6:14]} {RESIDENT[14:]}", Kind.RESIDENT_ID, "3699************5921"),
        ("身份证３６９９０１１９７５０４１２５９２１", Kind.RESIDENT_ID, "3699**********5921"),
        ("旧证号码，身份证：369901750412592", Kind.RESIDENT_ID, "3699*******2592"),
        (f"补贴发放至其银行卡，卡号{CARD}", Kind.BANK_CARD, "6217***********0122"),
        (f"打卡账号：{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:16]} {CARD[16:]}", Kind.BANK_CARD, None),
        (f"患者王某，家住滨江路，手机{MOBILE}", Kind.MOBILE, "138****1111"),
        (f"低保户名单：李某某 {MOBILE}", Kind.MOBILE, "138****1111"),
    ],
)
def test_personal_numbers_are_found_and_masked(text: str, kind: Kind, masked: str | None) -> None:
    (found,) = find(text)
    assert found.kind is kind
    assert masked is None or found.masked == masked
    assert find(mask(text)) == []
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "林某珍（身份证号3699**********5921）等三户",
        "369901197504125923",  # wrong check digit
        "369901197513125925",  # month 13
        "设备编号869901750412592，请核对",  # 15 digits, no word for an ID
        f"订单号{CARD}",
        f"捐赠账户：市慈善会，开户行工商银行，账号{CARD}",
        f"咨询电话：李医生{MOBILE}",
        f"救助热线{MOBILE}，二十四小时有人值守",
        "市民热线 0797-12345，联系电话：0797-8230100",
        f"详见 https://example.cn/p/{RESIDENT}.html",
        "91360700MA35XXXX0X 统一社会信用代码",
        "2025年10月13日 09:00:00",
        "微博 mid 5178901234567890",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert find(text) == []


def test_a_post_is_masked_in_all_its_texts_before_it_is_stored() -> None:
    original = RepostOf(kind=RepostKind.RETWEET, text=f"身份证号{RESIDENT}")
    post = redact(
        Post(
            platform=Platform.WEIBO, native_id="1", source="weibo.timeline", title=f"身份证{RESIDENT}", text=f"卡号{CARD}",
            repost_of=original,
        )
    )  # fmt: skip
    assert not any(number in repr(post) for number in (RESIDENT, CARD))
    assert [leak["kind"] for leak in post.private] == ["resident_id", "bank_card"]
    assert redact(post).text == post.text


def test_a_harmless_post_stays_the_same_object() -> None:
    post = Post(platform=Platform.WEIBO, native_id="1", source="weibo.timeline", text="今日天气晴")
    assert redact(post) is post


@given(st.text(alphabet=st.sampled_from("0123456789Xx身份证卡号名单 -*.１２３，。http:/"), max_size=120))
def test_masking_keeps_the_length_and_leaves_nothing_to_mask(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert mask(masked) == masked
