"""Personal numbers in public texts: found, told by kind, and masked before anything is stored.

Resident ID numbers by GB 11643-1999 (18 digits with a check digit; 15 digits before 1999), mobile numbers in a personal
context, bank cards by Luhn and the leading digits. Numbers that are masked already (3699****5921), hotlines and contact
numbers of offices, and digits inside links are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import phonenumbers
from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from gzcrawl.items import Post, RepostOf

CONTEXT = 20
"""Characters shown on either side of a number."""

NEAR = 60
"""Characters before a number in which its meaning is looked for."""


class Kind(StrEnum):
    RESIDENT_ID = "resident_id"
    BANK_CARD = "bank_card"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    start: int
    end: int
    masked: str


_PROVINCES = frozenset(map(str, (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
                                 *range(61, 66), 71, 81, 82, 83)))  # fmt: skip
_LINK = re.compile(r"https?://[^\s\u4e00-\u9fff]+", re.I)
_RUN = re.compile(r"(?<![\dA-Za-z*.])\d(?:[ -]?\d){13,18}(?:[ -]?[Xx])?(?![\dA-Za-z*])")
_MOBILE = re.compile(r"(?<![\dA-Za-z*.-])(?:\+?86[- ]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![\dA-Za-z*])")
_ID_WORDS = re.compile(r"身份证|证件号|公民身份|居民身份|身份号")
_CARD_WORDS = re.compile(r"银行|卡号|账[号户]|帐[号户]|开户|打卡|一卡通")
_PUBLIC_ACCOUNT = re.compile(r"对公|捐[赠款]|募[捐集]|缴[费款纳]|保证金|专户|收款单位|公司|财政")
_PERSONAL = re.compile(
    r"身份证|住址|家住|户籍|名单|申请人|患者|病人|业主|举报人|投诉人|当事人|学生|家长|考生|救助|低保|残疾|确诊|密接|嫌疑人|本人|户主|受害"
)
_OFFICE = re.compile(
    r"咨询|热线|值班|监督|举报电话|投诉电话|举报方式|联系人|联系方式|联系电话|客服|预约|报名|办公|服务电话|救援|求助|线索|微信同号|反映"
)
# Leading digits (BIN) of cards issued in China: UnionPay, and those older than it or of the international schemes.
_BIN = re.compile(r"62\d{14,17}|9558\d{15}|(?:4\d{3}|5[1-5]\d{2}|35\d{2})\d{12}|3[47]\d{13}")


def find(text: str) -> list[Found]:
    """The personal numbers of a text, in their order, without overlap."""
    plain = "".join(_digit(character) for character in text)
    blanked = _LINK.sub(lambda link: "#" * len(link[0]), plain)
    found: list[Found] = []
    for each in (*_long_numbers(blanked), *_mobiles(blanked)):
        if not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)
    return sorted(found, key=lambda each: each.start)


def mask(text: str) -> str:
    """The text with its personal numbers masked; masked text stays as it is."""
    for each in reversed(find(text)):
        text = text[: each.start] + each.masked + text[each.end :]
    return text


def redact(post: Post) -> Post:
    """The post as it may be stored: numbers masked in every text of it, and in `private` what there was."""
    found = [*_told(post.title or ""), *_told(post.text)]
    original = post.repost_of
    if not found and not (original and (find(original.title or "") or find(original.text or ""))):
        return post
    return replace(
        post,
        title=mask(post.title) if post.title else post.title,
        text=mask(post.text),
        repost_of=_redact_original(original) if original else None,
        private=found,
    )


def _redact_original(original: RepostOf) -> RepostOf:
    title, text = original.title, original.text
    return replace(original, title=mask(title) if title else title, text=mask(text) if text else text)


def _told(text: str) -> Iterator[dict[str, str]]:
    found = find(text)
    if not found:
        return
    masked = mask(text)  # as long as the text: masks keep the length
    for each in found:
        context = masked[max(0, each.start - CONTEXT) : each.end + CONTEXT]
        yield {"kind": str(each.kind), "masked": each.masked, "context": " ".join(context.split())}


def _digit(character: str) -> str:
    """Full-width digits as ASCII ones; one character stays one."""
    folded = unicodedata.normalize("NFKC", character) if character > "\u00ff" else character
    return folded if len(folded) == 1 else character


def _long_numbers(text: str) -> Iterator[Found]:
    for run in _RUN.finditer(text):
        number = re.sub(r"[ -]", "", run[0])
        before, around = (
            text[max(0, run.start() - NEAR) : run.start()],
            text[max(0, run.start() - NEAR) : run.end() + 20],
        )
        if (len(number) == 18 and _is_resident_id(number)) or (
            len(number) == 15 and _ID_WORDS.search(around) and _is_old_resident_id(number)
        ):
            kind = Kind.RESIDENT_ID
        elif _BIN.fullmatch(number) and luhn.is_valid(number) and _CARD_WORDS.search(before):
            if _PUBLIC_ACCOUNT.search(around):
                continue
            kind = Kind.BANK_CARD
        else:
            continue
        yield Found(kind, run.start(), run.end(), _masked(run[0], 4, 4))


def _is_resident_id(number: str) -> bool:
    """Province, date of birth in the past, check digit. Counties are not looked up: their codes change."""
    number = number.upper()
    try:
        born = ric.get_birth_date(number)
        checked = ric.calc_check_digit(number) == number[-1]  # which takes the whole number
    except (ValidationError, ValueError):
        return False
    return checked and number[:2] in _PROVINCES and born.year >= 1900


def _is_old_resident_id(number: str) -> bool:
    try:
        datetime.strptime(f"19{number[6:12]}", "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return number[:2] in _PROVINCES


def _mobiles(text: str) -> Iterator[Found]:
    for found in _MOBILE.finditer(text):
        sentence = re.split(r"[。！？!?\n]", text[max(0, found.start() - NEAR) : found.start()])[-1]
        number = phonenumbers.parse(found[0], "CN")
        is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        if is_mobile and _PERSONAL.search(sentence) and not _OFFICE.search(sentence):
            yield Found(Kind.MOBILE, found.start(), found.end(), _masked(found[0], 3, 4))


def _masked(number: str, head: int, tail: int) -> str:
    """`3699**********5921`: as long as before, so that places in the text stay."""
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]
