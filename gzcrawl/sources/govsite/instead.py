"""Pages that stand where content was: a note that it is gone, an error, another page of the server, a redirect by script."""

from __future__ import annotations

import re

from gzcrawl.items import Outcome
from gzcrawl.sources import Parsed
from gzcrawl.sources.govsite import labels
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import Flow

_SAID: tuple[tuple[Outcome, str, tuple[str, ...]], ...] = (
    (
        Outcome.GONE,
        "page_not_found",
        (
            r"(?:页面?|网页|信息|文章|内容|栏目|文件|稿件)[^。\n]{0,10}(?:不存在|找不到|未找到|未公开)",
            r"(?:页面?|网页|信息|文章|内容|栏目|文件|稿件)[^。\n]{0,10}(?:已|已被|被)(?:删除|移除|撤销|撤回|下线)",
            r"(?:无法找到|找不到|没有找到)(?:该|此|您|这|页|网页|所)",
            r"^404\b",
            r"(?:\b404|状态)\W{1,8}(?:404\W{1,4})?(?:not found|未找到|找不到|错误)",
            r"page (?:cannot|can't|could not) be found|page not found|NoSuchKey",
        ),
    ),
    (
        Outcome.UNREACHABLE,
        "site_error",
        (
            r"Fatal error\b|(?:Null|Runtime)\w*Exception|OLE DB|数据库连接|Whitelabel Error",
            r"HTTP (?:Status|状态) 5\d\d|\b50[0234] \w|Internal Server Error|Service Unavailable",
            r"应用程序中的服务器错误|服务器(?:内部)?错误|系统(?:错误|异常|繁忙)",
        ),
    ),
    (
        Outcome.LAYOUT_CHANGED,
        "not_the_site",
        (
            r"Welcome to nginx|IIS\s?\d|IIS Windows|successfully installed|Apache Tomcat|It works!",
            r"站点创建成功|没有找到站点|默认(?:页|index|网站)|未(?:根据[^。\n]{0,30})?(?:进行)?备案",
            r"域名[^。\n]{0,10}(?:出售|转让|停放|过期|到期)|domain (?:is|may be) for sale",
            r"(?:网站|系统|服务器)[^。\n]{0,6}(?:维护|升级|迁移|关闭|关停|暂停)",
            r"(?:本|该|原)(?:网?站|域名)[^。\n]{0,8}(?:停止|停用|不再|已迁)",
        ),
    ),
    (Outcome.BLOCKED, "site_login", (r"请先?登[录陆]|用户登[录陆]|统一身份认证",)),
)
_PATTERNS = tuple((re.compile("|".join(words), re.I | re.M), outcome, reason) for outcome, reason, words in _SAID)
"""What such a page says, the first that fits counts."""
_ALERT = re.compile(r"""\balert\(\s*["']([^"'\n]{1,100})["']""")
_REDIRECT = re.compile(
    r"""location(?:\.href)?\s*=\s*["']([^"']+)["']|location\.replace\(\s*["']([^"']+)["']|
    http-equiv=["']?refresh["']?[^>]{0,40}url=["']?([^"'>\s]+)""",
    re.I | re.X,
)
_FEW_WORDS = 400
_FEW_LINKS = 15
_A_WORD = 20
_HEAD = 20_000  # characters in which such a page's scripts stand


def instead(doc: Document, flow: Flow) -> Parsed | None:
    """What a page of few words says instead of its content, None if it is none of these.

    `redirect_page` carries the address it leads to in the hint `location`.
    """
    shown = re.sub(r"\s+", " ", flow.text).strip()
    if len(shown) > _FEW_WORDS:
        return None
    if said := _said(doc, flow, shown):
        return said
    if len(shown) < _A_WORD and (found := _REDIRECT.search(doc.text[:_HEAD])):
        target = doc.link(next(filter(None, found.groups())))
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="redirect_page", hints={"location": target})
    return None


def _said(doc: Document, flow: Flow, shown: str) -> Parsed | None:
    """By its sentence. Not on a page of links (用户登录 in a corner), nor in a short article *about* maintenance."""
    article = doc.meta("articletitle") or next(labels.labelled_dates(flow.text, labels.PUBLISHED), None)
    if article or len(doc.root.xpath("//a[@href]")) > _FEW_LINKS:
        return None
    title = doc.root.xpath("string(//title)").get("").strip()
    alerts = _ALERT.findall(doc.text[:_HEAD]) if len(shown) < _A_WORD else []
    text = "\n".join((title, shown, *alerts))
    for pattern, outcome, reason in _PATTERNS:
        if found := pattern.search(text):
            return Parsed(outcome=outcome, reason=reason, detail=found[0][:100])
    return None
