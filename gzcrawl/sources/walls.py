"""Pages that stand between us and the content: captchas, login walls, challenges, firewalls.

Three ways to know one: its address (after redirects), a mark in its markup or scripts, a sentence it shows. Marks and
sentences count only on a page with few words, because an article may be *about* a blocked page, and a page served
after a challenge keeps the script of the challenge. The bare word `verify` means nothing: good answers of both
platforms are full of `verified`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from parsel import Selector

from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode

_LARGEST = 512 * 1024
"""Bytes. Larger pages are no walls, and articles of WeChat (3 MB) need not be searched."""
_LARGEST_TOLD = 64 * 1024
"""Bytes. Walls that are known by a sentence only are small."""
_FEW_WORDS = 800
_FEW_LINKS = 25


class Wall(NamedTuple):
    reason: str  # a code of gzcrawl.messages.REASONS
    detail: str


_ADDRESSES: tuple[tuple[str, str], ...] = (
    (r"^https?://(?:visitor\.passport|passport)\.weibo\.(?:com|cn)/visitor", "weibo_visitor"),
    (r"^https?://visitor\.passport\.weibo\.(?:com|cn)", "weibo_visitor"),
    (r"^https?://(?:passport\.weibo\.(?:com|cn)|login\.sina\.com\.cn)\b", "weibo_login"),
    (r"^https?://(?:[\w-]+\.)?weibo\.(?:com|cn)/(?:login(?:\.php)?|newlogin|signin)\b", "weibo_login"),
    (r"^https?://visit\.sina\.(?:cn|com\.cn)\b", "weibo_risk_control"),
    (r"^https?://[\w.-]*sogou\.com/antispider\b", "sogou_antispider"),
    (r"^https?://mp\.weixin\.qq\.com/(?:mp/wappoc_appmsgcaptcha|(?:\w+/)?secitptpage/)", "wechat_captcha"),
    (r"^https?://[^/?#]+/(?:[\w-]+/)*(?:WafCaptcha|waf_captcha|wzwschallenge|_guard/)", "waf"),
)
_ADDRESS = tuple((re.compile(pattern, re.I), reason) for pattern, reason in _ADDRESSES)

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"Sina Visitor System", "weibo_visitor"),
    (b"/visitor/mini", "weibo_visitor"),
    (b"visitor/genvisitor", "weibo_visitor"),
    (b"antispider.min.js", "sogou_antispider"),
    (b"seccodeForm", "sogou_antispider"),
    (b"wappoc_appmsgcaptcha", "wechat_captcha"),
    (b"secitptpage/verify", "wechat_captcha"),
    # 加速乐 writes `__jsl_clearance` in pieces, ('_')+('_')+('j')+('s')+('l'); its second layer calls go({"bts":[…]}).
    (b"__jsl_clearance", "waf_jsl"),
    (b"('_')+('_')+('j')+('s')+('l')", "waf_jsl"),
    (b'go({"bts"', "waf_jsl"),
    (b"$_ts=", "waf_ruishu"),
    (b"$_ts =", "waf_ruishu"),
    (b"['$_ts']", "waf_ruishu"),
    (b'content="{qqqq', "waf_ruishu"),
    (b"365cyd.com", "waf_chuangyu"),
    (b"safedog.cn", "waf_safedog"),
    (b"security_session_verify", "waf_yunsuo"),
    (b"security_session_mid_verify", "waf_yunsuo"),
    (b"YunSuoAutoJump", "waf_yunsuo"),
    (b"WebShieldSessionVerify", "waf_yunsuo"),
    (b"d99net.net", "waf_d_shield"),
    (b"webscan.360.cn", "waf_360"),
    (b"wangzhan.360.cn", "waf_360"),
    (b"zhuji.360.cn", "waf_360"),
    (b"wzws-waf-cgi", "waf_360"),
    (b"wzwschallenge", "waf_360"),
    (b"yunjiasu", "waf_baidu"),
    (b"acw_sc__v2", "waf_aliyun"),
    (b"aliyun_waf", "waf_aliyun"),
    (b"errors.aliyun.com", "waf_aliyun"),
    (b"waf-static.tencent.com", "waf"),
    (b"cf-chl-", "waf_cloudflare"),
    (b"window._cf_chl_opt", "waf_cloudflare"),
    (b"/.safeline/", "waf"),
    (b"error.websaas.cn", "waf"),
    (b"btwaf", "waf"),
    (b"TCaptcha.js", "waf"),
    (b"TencentCaptcha(", "waf"),
)

_SENTENCES: tuple[tuple[str, str], ...] = (
    ("新浪通行证", "weibo_login"),
    ("为确认本次访问为正常用户行为", "sogou_antispider"),
    ("当前环境异常", "wechat_captcha"),
    ("完成验证后即可继续访问", "wechat_captcha"),
    ("请用微信扫描二维码进行访问", "wechat_captcha"),
    ("创宇盾", "waf_chuangyu"),
    ("疑似黑客攻击", "waf_chuangyu"),
    ("安全狗", "waf_safedog"),
    ("云锁", "waf_yunsuo"),
    ("D盾_拦截提示", "waf_d_shield"),
    ("360网站卫士", "waf_360"),
    ("360主机卫士", "waf_360"),
    ("百度云加速", "waf_baidu"),
    ("可能对网站造成安全威胁", "waf_aliyun"),
    ("可能对网站造成威胁", "waf"),
    ("您的访问被阻断", "waf_aliyun"),
    ("您的请求疑似攻击行为", "waf"),
    ("请求带有不合法参数", "waf"),
    ("存在危险字符", "waf"),
    ("已被网站管理员设置拦截", "waf"),
    ("已被服务器拒绝", "waf"),
    ("玄武盾", "waf"),
    ("雷池 WAF", "waf"),
    ("雷池WAF", "waf"),
    ("网站防火墙", "waf"),
    ("Web应用防火墙", "waf"),
    ("网防G01", "waf"),
    ("安全拦截", "waf"),
    ("拦截提示", "waf"),
    ("访问被拦截", "waf"),
    ("访问已被拦截", "waf"),
    ("访问被拒绝", "waf"),
    ("包含不安全的内容", "waf"),
    ("已被管理员设置拦截", "waf"),
    ("所在的地区不允许", "waf"),
    ("不在允许访问", "banned"),
    ("正在检查您的浏览器", "waf"),
    ("Checking your browser", "waf"),
    ("访问行为存在异常", "waf"),
    ("检测到可疑访问", "waf"),
    ("检测到异常访问", "waf"),
    ("访问过于频繁", "too_fast"),
    ("访问频率过高", "too_fast"),
    ("请求过于频繁", "too_fast"),
    ("操作过于频繁", "too_fast"),
    ("操作频繁，请稍后", "too_fast"),
    ("请完成安全验证", "captcha"),
    ("请进行安全验证", "captcha"),
    ("请完成下列验证", "captcha"),
    ("完成验证后继续访问", "captcha"),
    ("拖动滑块", "captcha"),
    ("按住滑块", "captcha"),
    ("滑动验证", "captcha"),
    ("人机验证", "captcha"),
    ("验证您是否是真人", "captcha"),
    ("您的IP已被", "banned"),
    ("IP已被封禁", "banned"),
    ("IP地址已被", "banned"),
    ("请开启JavaScript并刷新", "waf"),
    ("请开启 JavaScript 并刷新", "waf"),
    ("Please enable JavaScript and refresh the page", "waf"),
    ("Just a moment...", "waf_cloudflare"),
    ("Attention Required! | Cloudflare", "waf_cloudflare"),
    ("The requested URL was rejected", "waf"),
    ("This request has been blocked", "waf"),
    ("Request blocked", "waf"),
    ("Access Denied", "waf"),
)

_SETS_COOKIE = re.compile(r"document\.cookie\s*=.{0,2000}\blocation\b", re.S)
"""A page of nothing but a script that sets a cookie and comes back: some firewall's test for a browser."""
_ARTICLE = re.compile(rb"""id=["']js_(?:content|article)["']|<publishtime|name=["']?ArticleTitle|UCAP-CONTENT""", re.I)
"""On these pages scripts are no sign of a wall: WeChat's carry `mp/getverifyinfo`, after 瑞数 the challenge remains."""


def wall_at(url: str) -> Wall | None:
    """The wall that lives at this address."""
    return next((Wall(reason, url[:200]) for pattern, reason in _ADDRESS if pattern.search(url)), None)


def wall_on(page: Page) -> Wall | None:
    """The wall this page is, by its headers, marks and sentences."""
    if page.headers.get("cf-mitigated", "").lower() == "challenge":
        return Wall("waf_cloudflare", "cf-mitigated: challenge")
    is_json = page.body.lstrip()[:1] in (b"{", b"[")
    if is_json or len(page.body) > _LARGEST or _ARTICLE.search(page.body):
        return None
    marked = next((Wall(reason, mark.decode()) for mark, reason in _MARKS if mark in page.body), None)
    if len(page.body) > _LARGEST_TOLD and not marked:
        return None
    text = decode(page)
    if not marked and _SETS_COOKIE.search(text) and not shown_text(page):
        return Wall("waf", "document.cookie")
    told = next((Wall(reason, said) for said, reason in _SENTENCES if said in text), None)
    if not (marked or told):
        return None
    root = Selector(text=text or " ", type="html")
    shown = _shown(root)
    if len(shown) > _FEW_WORDS or len(root.xpath("//a[@href]")) > _FEW_LINKS:
        return None
    if marked:
        return marked
    # A 2018 page of WeChat writes its sentence by a script: there the whole text counts.
    scripted = not shown
    return told if told and (scripted or told.detail in shown) else None


def shown_text(page: Page) -> str:
    """Title and text that a reader sees, on one line: without scripts, styles and comments."""
    return _shown(Selector(text=decode(page) or " ", type="html"))


def _shown(root: Selector) -> str:
    words = root.xpath("//text()[not(ancestor::script or ancestor::style or ancestor::template)]").getall()
    return re.sub(r"\s+", " ", " ".join(words)).strip()
