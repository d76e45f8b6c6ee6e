"""What is said about one expected code, by the codes that were found: the audit and the rule both ask here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gzcrawl.items import Platform
from gzcrawl.qr.payload import Meaning, classify, same_account
from gzcrawl.registry import Account


class Verdict(StrEnum):
    PRESENT = "present"
    PRESENT_UNVERIFIED = "present_unverified"  # a code of that kind, of which it cannot be told whose it is
    ELSEWHERE = "elsewhere"  # only on a page such as 关于我们
    HIDDEN = "hidden"  # in a picture that the page names, but a citizen is never shown it
    WRONG_ACCOUNT = "wrong_account"
    PERSONAL = "personal"
    DEAD = "dead"  # its link is gone
    EXPIRED = "expired"  # the page behind it says that it is over
    MISSING = "missing"
    UNKNOWN = "unknown"  # not there, but the page was not seen whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One code of the page. `leads_to` is the payload itself, or where its short link ended."""

    payload: str
    leads_to: str
    dead: Meaning | None = None  # DEAD or EXPIRED, when its link is
    shown: bool | None = True  # False: not even by pointing and clicking; None: it was not seen, but not all was
    page: str = ""  # words of the link to the page it stands on; empty: the home page

    @property
    def meaning(self) -> Meaning:
        return classify(self.leads_to)


_KIND = {Platform.WEIBO: Meaning.WEIBO_ACCOUNT, Platform.WECHAT: Meaning.WECHAT_ACCOUNT}


def judge(
    platform: Platform,
    codes: Sequence[Found],
    *,
    whole: bool,
    own: Callable[[Found], bool | None],
    other: Callable[[Found], bool],
) -> tuple[Verdict, Found | None]:
    """The verdict on the code of an account on that platform, and the found code it rests on.

    `whole`: everything on the page was seen. `own`: whether a code is the account's, None when that cannot be told.
    `other`: whether it certainly is that of another account that may stand there too.
    """
    alive = [code for code in codes if not code.dead]
    met = [code for code in alive if own(code)]
    shown = next((code for code in met if code.shown and not code.page), None)
    if shown:
        return Verdict.PRESENT, shown
    elsewhere = next((code for code in met if code.shown), None)
    if elsewhere:
        return Verdict.ELSEWHERE, elsewhere
    if met:
        never = next((code for code in met if code.shown is False), None)
        return (Verdict.HIDDEN, never) if never else (Verdict.UNKNOWN, met[0])
    free = [code for code in alive if not other(code)]
    same_kind = [code for code in free if code.meaning is _KIND[platform]]
    doubtful = next((code for code in (*same_kind, *free) if own(code) is None), None)
    if doubtful:
        return Verdict.PRESENT_UNVERIFIED, doubtful
    if not whole:
        return Verdict.UNKNOWN, None
    return _absent(platform, [code for code in codes if code.shown and not code.page], other)


def _absent(platform: Platform, codes: Sequence[Found], other: Callable[[Found], bool]) -> tuple[Verdict, Found | None]:
    """The code is certainly not there; what a citizen sees in its place."""
    free = [code for code in codes if not code.dead and not other(code)]
    for code in free:
        if code.meaning is _KIND[platform]:
            return Verdict.WRONG_ACCOUNT, code
    for code in free:
        if code.meaning is Meaning.WECHAT_PERSONAL and platform is Platform.WECHAT:
            return Verdict.PERSONAL, code
    dead = next((code for code in codes if code.dead), None)
    if dead is None:
        return Verdict.MISSING, None
    return (Verdict.EXPIRED if dead.dead is Meaning.EXPIRED else Verdict.DEAD), dead


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

    def owns(self, code: Found) -> bool | None:
        """A WeChat token names no account; but who states the payload says which it must be."""
        if self.is_met_by(code.payload):
            return True
        stated = self.platform is Platform.WECHAT and bool(self.value) and code.meaning is Meaning.WECHAT_ACCOUNT
        return bool(self.is_met_by(code.leads_to)) if stated else self.is_met_by(code.leads_to)

    def judge(
        self, codes: Sequence[Found], *, whole: bool, others: Sequence[Expectation]
    ) -> tuple[Verdict, Found | None]:
        """`others` have codes of their own."""
        return judge(
            self.platform, codes, whole=whole, own=self.owns, other=lambda code: any(o.owns(code) for o in others)
        )
