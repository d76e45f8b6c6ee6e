"""What an answer of Weibo is before its content is read: JSON or not, an answer or a refusal.

Formats: m.weibo.cn answers `{"ok": 1, "data": {…}}`, weibo.com/ajax the same or a bare object. `ok` is 0 for errors
and for empty lists, -100 for "log in first".
"""

from __future__ import annotations

import json
import re
from typing import Any

from gzcrawl.items import Outcome
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, json_in, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal

_RENDERED = re.compile(r"\$render_data\s*=\s*(?=\[)")
NO_CONTENT = "没有内容"  # 这里还没有内容, formerly 没有内容
# What an answer with `ok: 0` may say, the first that fits counts; `refusal` knows the ones common to all hosts.
_SAID: tuple[tuple[str, Outcome, str], ...] = (
    (r"频繁|频次|频率|繁忙|稍后|太快|验证码|限制|too many|frequen", Outcome.BLOCKED, "weibo_too_fast"),
    (r"登录|登陆|log ?in|sign ?in", Outcome.BLOCKED, "weibo_login"),
    (r"(?:用户|账号|帐号)不存在|user does ?n[o']t exist", Outcome.GONE, "weibo_user_not_found"),
    (r"微博不存在|已被(?:作者)?删除|暂无查看权限", Outcome.GONE, "weibo_post_gone"),
    (r"自行申请关闭|(?:账号|帐号|用户).{0,40}(?:已关闭|注销)", Outcome.GONE, "weibo_account_closed"),
    # 行为异常, 存在安全风险, 被投诉 …: which may pass.
    (r"(?:账号|帐号|用户).{0,40}(?:无法查看|不能查看|封禁|冻结)", Outcome.GONE, "weibo_account_hidden"),
)
# Error numbers of the Open API that m.weibo.cn and weibo.com/ajax still give.
_CODES: dict[int, tuple[Outcome, str]] = {
    20003: (Outcome.GONE, "weibo_user_not_found"),
    20101: (Outcome.GONE, "weibo_post_gone"),
    **dict.fromkeys((100005, 20016, 10022, 10023, 10024), (Outcome.BLOCKED, "weibo_too_fast")),
}


def read_answer(page: Page) -> dict[str, Any] | Parsed:
    """The JSON object of an answer that may be parsed; else the outcome that says why not."""
    if refused := refusal(page):
        return refused
    text = json_in(decode(page))
    if text.startswith("<"):
        return rendered_status(text) or _not_json(text)
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="weibo_bad_json", detail=str(error)[:200])
    if not isinstance(answer, dict):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="weibo_bad_json", detail=type(answer).__name__)
    return _refused(answer) or answer


def rendered_status(text: str) -> dict[str, Any] | None:
    """The post in a page of /status/BID or /detail/MID, `var $render_data = [{"status": {…}}][0]`, as an answer."""
    found = _RENDERED.search(text)
    if found is None:
        return None
    try:
        told, _end = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        return None
    status = as_dict(as_dict(next(iter(told), None) if isinstance(told, list) else None).get("status"))
    return {"ok": 1, "data": status} if status else None


def data_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The payload: `data`, or the answer itself, as m.weibo.cn had it until 2018."""
    return as_dict(answer.get("data")) or answer


def message(answer: dict[str, Any]) -> str:
    """What the answer says about itself, "" if nothing."""
    for name in ("msg", "message", "errmsg", "error"):
        if text := text_of(answer.get(name)):
            return text
    return ""


def _not_json(text: str) -> Parsed:
    """HTML where JSON was asked for: somebody stands in between, unless it is the page of an unknown user."""
    title = re.search(r"<title[^>]{0,200}>([^<]{0,200})", text, re.I)
    if re.search(r"h5-4con[^>]{0,200}>\s*用户不存在", text):
        return Parsed(outcome=Outcome.GONE, reason="weibo_user_not_found", detail="用户不存在")
    detail = title[1].strip()[:100] if title else text[:100]
    return Parsed(outcome=Outcome.BLOCKED, reason="weibo_html_instead_of_json", detail=detail)


def _refused(answer: dict[str, Any]) -> Parsed | None:
    """Login walls, throttling, dead accounts: all told by number and sentence, with status 200."""
    if as_int(answer.get("ok")) == 1:
        return None
    said = message(answer)
    if known := _CODES.get(as_int(answer.get("error_code") or answer.get("errno")) or 0):
        return Parsed(outcome=known[0], reason=known[1], detail=said)
    challenge = text_of(answer.get("url"))
    if challenge.startswith("http") and not answer.keys() & {"data", "created_at"}:
        return Parsed(outcome=Outcome.BLOCKED, reason="weibo_captcha", detail=challenge[:200])
    for pattern, outcome, reason in _SAID:
        if re.search(pattern, said, re.I):
            return Parsed(outcome=outcome, reason=reason, detail=said[:200])
    return None


def error(answer: dict[str, Any], reason: str) -> Parsed:
    """An answer without what was asked for. `ok: 0` with an unknown sentence ends here too: never a silent zero."""
    keys = ", ".join(sorted(map(str, data_of(answer)))[:20])
    return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason=reason, detail=message(answer) or f"keys: {keys}")
