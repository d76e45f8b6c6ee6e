"""Refusals are told from answers, and never the other way round."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from gzcrawl.items import Outcome
from gzcrawl.messages import REASONS
from gzcrawl.middlewares import ForbiddenAddress
from gzcrawl.sources import Page
from gzcrawl.sources.outcomes import LARGEST_BODY, failure, refusal

SITE = "https://wjw.zhangjiang.example/c1/202510/ab.shtml"
ARTICLE = "<html><head><title>通知</title></head><body><h1>通知</h1>" + "<p>各单位要认真落实。</p>" * 200


def html(body: str, encoding: str = "utf-8") -> bytes:
    return f"<html><head><meta charset={encoding}></head><body>{body}</body></html>".encode(encoding)


def decided(page: Page) -> tuple[Outcome, str] | None:
    parsed = refusal(page)
    return (parsed.outcome, parsed.reason) if parsed else None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (403, Outcome.BLOCKED),
        (412, Outcome.BLOCKED),
        (414, Outcome.BLOCKED),
        (418, Outcome.BLOCKED),
        (429, Outcome.BLOCKED),
        (432, Outcome.BLOCKED),
        (512, Outcome.BLOCKED),
        (521, Outcome.BLOCKED),
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (408, Outcome.UNREACHABLE),
        (500, Outcome.UNREACHABLE),
        (502, Outcome.UNREACHABLE),
        (503, Outcome.UNREACHABLE),
        (504, Outcome.UNREACHABLE),
        (302, Outcome.UNREACHABLE),
    ],
)
def test_a_status_that_is_no_answer_has_its_outcome(status: int, outcome: Outcome) -> None:
    parsed = refusal(Page(url=SITE, body=b"<html></html>", status=status))
    assert parsed is not None
    assert parsed.outcome is outcome
    assert not parsed.items


def test_a_404_keeps_its_own_reason_because_it_may_be_a_ban() -> None:
    assert decided(Page(url=SITE, body=b"", status=404)) == (Outcome.GONE, "http_404")


def test_a_404_of_a_platform_interface_never_says_that_an_account_is_gone() -> None:
    page = Page(url="https://m.weibo.cn/api/container/getIndex?type=uid&value=1", body=b"", status=404)
    assert decided(page) == (Outcome.UNREACHABLE, "http_404")


def test_an_unchanged_page_is_an_observation_without_items() -> None:
    assert decided(Page(url=SITE, body=b"", status=304)) == (Outcome.OK, "not_modified")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://passport.weibo.com/visitor/visitor?entry=miniblog&a=enter&url=x", "weibo_visitor"),
        ("https://visitor.passport.weibo.cn/visitor/visitor?entry=sinawap", "weibo_visitor"),
        ("https://passport.weibo.cn/signin/welcome?entry=mweibo&r=x", "weibo_login"),
        ("https://weibo.com/login.php?url=x", "weibo_login"),
        ("https://login.sina.com.cn/signup/signin.php", "weibo_login"),
        ("https://visit.sina.cn/block", "weibo_risk_control"),
        ("https://weixin.sogou.com/antispider/?from=%2fweixin", "sogou_antispider"),
        ("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x&target_url=y", "wechat_captcha"),
        ("https://mp.weixin.qq.com/mp/secitptpage/verify.html", "wechat_captcha"),
    ],
)
def test_an_address_that_is_a_wall_is_blocked_whatever_it_shows(url: str, reason: str) -> None:
    assert decided(Page(url=url, body=ARTICLE.encode())) == (Outcome.BLOCKED, reason)


def test_a_redirect_that_was_not_followed_is_judged_by_its_target() -> None:
    page = Page(
        url="https://m.weibo.cn/u/1", body=b"", status=302, headers={"location": "//visitor.passport.weibo.cn/"}
    )
    assert decided(page) == (Outcome.BLOCKED, "weibo_visitor")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            '<html><head><meta http-equiv="Content-type" content="text/html; charset=gb2312"/>'
            "<title>Sina Visitor System</title></head><body><span id='message'>正在验证</span>"
            "<script src='/js/visitor/mini.js'></script></body></html>",
            "weibo_visitor",
        ),
        ("<html><head><title>新浪通行证</title></head><body></body></html>", "weibo_login"),
        ("<body><h2>环境异常</h2><p>当前环境异常，完成验证后即可继续访问。</p><a>去验证</a></body>", "wechat_captcha"),
        ("<script>document.write('访问过于频繁，请用微信扫描二维码进行访问')</script>", "wechat_captcha"),
        ("<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('c');location.href='/'</script>", "waf_jsl"),
        ('<script>go({"bts":["a","b"],"chars":"x","ct":"y","ha":"md5","tn":"__jsl_clearance_s"})</script>', "waf_jsl"),
        ("<html><head><script>$_ts=window['$_ts'];</script></head><body></body></html>", "waf_ruishu"),
        ("<h1>当前访问疑似黑客攻击，已被创宇盾拦截。</h1>", "waf_chuangyu"),
        ("<title>网站防火墙</title><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>", "waf"),
        ("<title>D盾_拦截提示</title><p>您提交的内容有问题</p>", "waf_d_shield"),
        ("<p>服务器安全狗防护验证页面</p>", "waf_safedog"),
        ("<script>self.location='/?WebShieldSessionVerify=abc'</script>", "waf_yunsuo"),
        ("<p>您的访问可能被 360网站卫士 拦截</p>", "waf_360"),
        ("<p>百度云加速正在保护本站</p>", "waf_baidu"),
        ("<p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>", "waf_aliyun"),
        ("<p>操作过于频繁，请稍后再试</p>", "too_fast"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_that_is_a_wall_is_blocked_though_its_status_is_200(body: str, reason: str, encoding: str) -> None:
    assert decided(Page(url=SITE, body=body.encode(encoding))) == (Outcome.BLOCKED, reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"ok": -100, "url": "https://passport.weibo.com/sso/signin?entry=wapsso"}, "weibo_login"),
        ({"ok": 0, "msg": "请先登录"}, "weibo_login"),
        ({"ok": 0, "msg": "操作过于频繁，请稍后再试"}, "weibo_too_fast"),
    ],
)
def test_a_refusal_in_json_is_blocked(answer: dict[str, object], reason: str) -> None:
    page = Page(url="https://m.weibo.cn/api/container/getIndex", body=json.dumps(answer).encode())
    assert decided(page) == (Outcome.BLOCKED, reason)


def test_an_accepted_request_with_nothing_but_a_script_is_a_challenge() -> None:
    assert decided(Page(url=SITE, body=html("<script>x()</script>"), status=202)) == (Outcome.BLOCKED, "waf_ruishu")


@pytest.mark.parametrize(
    "body",
    [
        ARTICLE + "<p>警方提示：网站提示“访问过于频繁”、要求人机验证时不要输入密码，谨防疑似黑客攻击。</p>",
        ARTICLE + '<script>$_ts=window["$_ts"];</script><meta content="{qqqq!x">',
        '<html><body><script>var url="mp/getverifyinfo"</script><div id="js_content">验证 verify</div></body></html>',
    ],
    ids=["about a wall", "after a challenge", "getverifyinfo"],
)
def test_an_article_that_mentions_a_wall_is_parsed(body: str) -> None:
    assert refusal(Page(url=SITE, body=body.encode())) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": 1, "data": {"userInfo": {"verified": True, "verified_type": 1}}},
        {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}},
        {"ok": 1, "data": {"longTextContent": "提醒：操作过于频繁会被要求人机验证"}},
    ],
)
def test_good_json_is_left_to_its_parser(answer: dict[str, object]) -> None:
    assert refusal(Page(url="https://m.weibo.cn/api", body=json.dumps(answer, ensure_ascii=False).encode())) is None


def test_a_body_above_the_limit_is_not_parsed() -> None:
    assert decided(Page(url=SITE, body=b" " * (LARGEST_BODY + 1))) == (Outcome.TOO_LARGE, "too_large")


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (IgnoreRequest("Forbidden by robots.txt"), Outcome.DISALLOWED, "robots"),
        (ForbiddenAddress("拒绝访问 http://10.0.0.1/"), Outcome.DISALLOWED, "address_refused"),
        (CannotResolveHostError("no such host"), Outcome.UNREACHABLE, "dns"),
        (DownloadTimeoutError("took longer than 30 seconds"), Outcome.UNREACHABLE, "timeout"),
        (DownloadConnectionRefusedError("refused"), Outcome.UNREACHABLE, "connection_refused"),
        (DownloadFailedError("[<OpenSSL.SSL.Error: certificate verify failed>]"), Outcome.UNREACHABLE, "tls"),
        (DownloadFailedError("Connection was closed"), Outcome.UNREACHABLE, "connection_lost"),
        (
            DownloadCancelledError("Received 9 bytes which is larger than download max size (8)"),
            Outcome.TOO_LARGE,
            "too_large",
        ),
        (RuntimeError("anything else"), Outcome.UNREACHABLE, "connection_lost"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_request_without_an_answer_has_its_outcome(error: Exception, outcome: Outcome, reason: str) -> None:
    parsed = failure(error)
    assert (parsed.outcome, parsed.reason) == (outcome, reason)


def test_every_reason_a_parser_or_spider_gives_has_a_chinese_sentence() -> None:
    root = Path(__file__).parents[2] / "gzcrawl"
    code = re.compile(r"""reason\s*=\s*"([a-z0-9_]+)"|"((?:weibo|wechat|sogou|waf)_[a-z0-9_]+)"(?=\)|,\s*\)|\}|$)""")
    files = [*root.glob("sources/**/*.py"), *root.glob("spiders/*.py")]
    found = {a or b for file in files for a, b in code.findall(file.read_text())}
    assert found - {"wechat_id"} <= REASONS.keys()
    assert len(found) > 40


@given(st.binary(max_size=300), st.sampled_from([200, 202, 302, 404, 412, 503]), st.text(max_size=40))
def test_no_answer_breaks_the_decision(body: bytes, status: int, location: str) -> None:
    page = Page(url=f"http://{location}", body=b"<script>$_ts=" + body, status=status, headers={"location": location})
    parsed = refusal(page)
    assert parsed is None or parsed.reason in REASONS
