"""Pages that stand where an article was: each way to be gone has its own reason."""

from __future__ import annotations

import re

from parsel import Selector

from gzcrawl.items import Outcome
from gzcrawl.sources import Parsed
from gzcrawl.sources.wechat.body import node_text
from gzcrawl.sources.wechat.urls import clean_url

_ACCOUNT = r"[帐账]号|公众号"
# Sentences of the pages, the account's fate before the article's; 帐号 and 账号 are both written.
_WAYS: tuple[tuple[str, str], ...] = (
    (r"链接已过期", "wechat_link_expired"),
    (r"已被?发布者删除|(?:content|post|article) has been deleted by the author", "wechat_deleted"),
    (rf"(?:{_ACCOUNT}).{{0,10}}迁移|迁移.{{0,30}}链接已不可访问", "wechat_account_moved"),
    (rf"(?:{_ACCOUNT}).{{0,10}}注销|自主注销", "wechat_account_cancelled"),
    (rf"(?:{_ACCOUNT}).{{0,10}}(?:屏蔽|封禁|冻结|停止使用)", "wechat_account_banned"),
    (r"侵权", "wechat_infringement"),
    (r"不实信息|辟谣|谣言", "wechat_rumor"),
    (r"发送失败无法查看", "wechat_send_failed"),
    (r"因违规|违反.{0,20}(?:法律|法规|规定|规范)|多人投诉|用户投诉并经平台审核|violat", "wechat_violation"),
    (r"暂时无法查看|暂时不可查看|临时无法访问", "wechat_unavailable"),
)
_WALL = re.compile(
    r"secitptpage/verify|wappoc_appmsgcaptcha|TCaptcha\.js|环境异常|完成验证后即可继续访问|访问过于频繁|操作频繁"
)
_CLIENT_ONLY = re.compile(r"请在微信客户端打开|暂无权限查看|open .{0,20} in wechat", re.I)
_FEW_WORDS = 600
_BAD_LINK = re.compile(r"参数错误|链接(?:不正确|无效|有误)|invalid (?:parameter|link)", re.I)
"""What is said of an address that was cut or mistyped: it tells nothing of any article or account."""
_BROKEN = re.compile(r"系统出错|系统繁忙|未知错误|system (?:error|busy)", re.I)
_MOVED_TO = re.compile(r"transfer_?[tT]arget_?[lL]ink\s*=\s*['\"]([^'\"]+)")


def absent(root: Selector, text: str) -> Parsed:
    """The outcome of a page of mp.weixin.qq.com that holds no article. `text` is the whole page, scripts included.

    Sentences count where such pages have them, not in a long text: an article of a layout not known yet may be *about*
    a deleted account. A wall may be written by its script alone (a shell of 17 KB without a word), so its marks are
    sought everywhere.
    """
    said = _message(root)
    for sentence, reason in _WAYS:
        if re.search(sentence, said, re.I):
            hints = {"moved_to": clean_url(moved[1])} if (moved := _MOVED_TO.search(text)) else {}
            return Parsed(outcome=Outcome.GONE, reason=reason, detail=said[:200], hints=hints)
    if wall := _WALL.search(text):
        return Parsed(outcome=Outcome.BLOCKED, reason="wechat_captcha", detail=wall[0])
    if _CLIENT_ONLY.search(said):
        return Parsed(outcome=Outcome.BLOCKED, reason="wechat_client_only", detail=said[:200])
    if _BAD_LINK.search(said):
        return Parsed(outcome=Outcome.UNREACHABLE, reason="wechat_bad_link", detail=said[:200])
    if _BROKEN.search(said):
        return Parsed(outcome=Outcome.UNREACHABLE, reason="wechat_system_error", detail=said[:200])
    return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_no_article", detail=said[:200])


def _message(root: Selector) -> str:
    """What such a page says to its reader, on one line: its message block (any generation's), else its few words."""
    blocks = root.xpath(
        "//*[contains(@class, 'weui-msg__text-area') or contains(@class, 'mesg-block') or contains(@class, 'page_msg')"
        " or contains(@class, 'global_error_msg') or contains(@class, 'page_rumor')]"
    )
    blocks = blocks or root.xpath("//title | //body")
    said = re.sub(r"\s+", " ", " ".join(node_text(block.root) for block in blocks)).strip()
    return said if len(said) <= _FEW_WORDS else ""
