"""Accounts that a page links to or shows a code of and that the registry does not know. Pure; never an accusation."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from parsel import Selector

from gzcrawl.items import AccountCandidate, Platform, QrSighting
from gzcrawl.qr.payload import same_account, wechat_biz, wechat_token, weibo_domain, weibo_uid
from gzcrawl.registry import Registry

MOST = 50
"""Of one page: a site that lists every account of the country is no news."""


def account_at(address: str) -> tuple[Platform, str] | None:
    """(platform, what identifies the account) of a link or payload; None where it names no account."""
    if named := weibo_uid(address) or weibo_domain(address):
        return Platform.WEIBO, named
    if named := wechat_token(address) or wechat_biz(address):
        return Platform.WECHAT, named
    return None


def known(address: str, registry: Registry) -> bool:
    """Whether the registry has the account, by uid, biz or a registered payload."""
    biz = wechat_biz(address)
    return any((biz and account.biz == biz) or same_account(address, account) for account in registry.accounts)


def linked(html: str, page_url: str, site_id: str, registry: Registry) -> list[AccountCandidate]:
    """Accounts that the page links to, each once."""
    found: dict[str, AccountCandidate] = {}
    for address, words in links(html, page_url):
        candidate = _candidate(address, site_id, page_url, "link", words, registry)
        if candidate and len(found) < MOST:
            found.setdefault(candidate.key, candidate)
    return list(found.values())


def shown(code: QrSighting, registry: Registry) -> AccountCandidate | None:
    """The account whose code was seen."""
    return _candidate(code.target, code.site_id, code.page_url, "code", code.context, registry)


def links(html: str, page_url: str) -> Iterator[tuple[str, str]]:
    """(address, words) of every link of a page, in their order."""
    if html.strip():
        for link in Selector(html, type="html").xpath("//a[@href]"):
            words = " ".join(f"{link.xpath('string()').get()} {link.root.get('title', '')}".split())
            try:
                yield urljoin(page_url, link.root.get("href", "").strip()), words[:80]
            except ValueError:
                continue


def _candidate(
    address: str, site_id: str, page_url: str, how: str, context: str, registry: Registry
) -> AccountCandidate | None:
    named = account_at(address)
    if named is None or known(address, registry):
        return None
    return AccountCandidate(
        platform=named[0], address=address, name=named[1], site_id=site_id, page_url=page_url, how=how, context=context
    )
