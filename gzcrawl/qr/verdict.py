"""What an audit of one page says about each expected code. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gzcrawl.items import Platform
from gzcrawl.qr.payload import Meaning, classify, same_account
from gzcrawl.registry import Account


class Verdict(StrEnum):
    PRESENT = "present"
    PRESENT_UNVERIFIED = "present_unverified"  # a code of that kind, of which it cannot be told whose it is
    HIDDEN = "hidden"  # in a picture that the page names, but a citizen is never shown it
    WRONG_ACCOUNT = "wrong_account"
    PERSONAL = "personal"
    DEAD = "dead"  # its link is gone
    MISSING = "missing"
    UNKNOWN = "unknown"  # not there, but the page was not seen whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A code that must be there: `value` is the Weibo uid or the WeChat payloads, by commas; empty: any account of that kind."""

    platform: Platform
    value: str = ""

    def is_met_by(self, payload: str) -> bool | None:
        """None: cannot be told."""
        if not self.value:
            return None if classify(payload) in (_KIND[self.platform], Meaning.SHORT_LINK) else False
        weibo = self.platform is Platform.WEIBO
        account = Account(
            id="",
            department="",
            platform=self.platform,
            name="",
            uid=self.value if weibo else None,
            qr_payloads=() if weibo else tuple(self.value.split(",")),
        )
        return same_account(payload, account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One code of the page. `leads_to` is the payload itself, or where its short link ended."""

    payload: str
    leads_to: str
    dead: bool = False
    hidden: bool = False  # in a picture of the page that was not seen on it, not even by pointing and clicking


_KIND = {Platform.WEIBO: Meaning.WEIBO_ACCOUNT, Platform.WECHAT: Meaning.WECHAT_ACCOUNT}


def judge(
    expectation: Expectation, codes: Sequence[Found], *, whole: bool, others: Sequence[Expectation] = ()
) -> tuple[Verdict, Found | None]:
    """The verdict and the code it rests on. `whole`: everything on the page was seen. `others` have codes of their own."""
    alive = [code for code in codes if not code.dead]
    met = [c for c in alive if expectation.is_met_by(c.payload) or expectation.is_met_by(c.leads_to)]
    shown = next((code for code in met if not code.hidden), None)
    if shown:
        return Verdict.PRESENT, shown
    if met:
        return (Verdict.HIDDEN if whole else Verdict.UNKNOWN), met[0]
    free = [code for code in alive if not any(other.is_met_by(code.leads_to) for other in others)]
    kind = _KIND[expectation.platform]
    same_kind = [code for code in free if classify(code.leads_to) is kind]
    doubtful = next((c for c in (*same_kind, *free) if _doubtful(expectation, c)), None)
    if doubtful:
        return Verdict.PRESENT_UNVERIFIED, doubtful
    if not whole:
        return Verdict.UNKNOWN, None
    if same_kind:
        return Verdict.WRONG_ACCOUNT, same_kind[0]
    personal = next((code for code in free if classify(code.leads_to) is Meaning.WECHAT_PERSONAL), None)
    if personal and expectation.platform is Platform.WECHAT:
        return Verdict.PERSONAL, personal
    dead = next((code for code in codes if code.dead), None)
    return (Verdict.DEAD, dead) if dead else (Verdict.MISSING, None)


def _doubtful(expectation: Expectation, code: Found) -> bool:
    """A WeChat token names no account; but who states the payload here says which it must be."""
    if (
        expectation.platform is Platform.WECHAT
        and expectation.value
        and classify(code.leads_to) is Meaning.WECHAT_ACCOUNT
    ):
        return False
    return expectation.is_met_by(code.leads_to) is None
