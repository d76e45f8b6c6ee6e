"""Pages of many systems and years, reduced to what is special about them."""

from __future__ import annotations

from datetime import datetime

import pytest

from gzcrawl.items import SHANGHAI, Outcome, Post
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.govsite import parse_article, parse_home, parse_list

NOW = datetime(2025, 11, 20, 12, 0, tzinfo=SHANGHAI)
NAV = "".join(
    f"<a href='/c{n}/'>{name}</a>" for n, name in enumerate(("首页", "政务公开", "政务服务", "互动交流", "走进章江"))
)
TITLE = "关于做好2019年度安全生产考核工作的通知"
TEXT = "<p>　　为贯彻落实上级决策部署，进一步做好有关工作，现将有关事项通知如下，请认真遵照执行，确保取得实效。</p>" * 5


def page(body: str, title: str = f"{TITLE}_章江区人民政府") -> Page:
    html = f"<html><head><meta charset=utf-8><title>{title}</title></head><body><div class=nav>{NAV}</div>{body}</body></html>"
    return Page(url="http://www.zj.example/tzgg/", body=html.encode())


def article(info: str, heading: str = f"<h1>{TITLE}</h1>", **told: str) -> Post:
    parsed = parse_article(page(f"{heading}<div>{info}</div><div class=TRS_Editor>{TEXT}</div>", **told), NOW)
    assert parsed.outcome is Outcome.OK, parsed
    return parsed.posts[0]


def shown(post: Post) -> str | None:
    return f"{post.published_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {post.precision}" if post.published_at else None


@pytest.mark.parametrize(
    ("info", "time"),
    [
        ("发布时间：<script>document.write('2014-05-06 12:10');</script>", "2014-05-06 12:10 minute"),
        ("<script>var t='2014-05-06 12:10:11.0';document.write('时间：'+t.substring(0,16));</script>", "2014-05-06 12:10 second"),
        ("<script>var pubdate = '2014-05-06 12:10';show('time', pubdate);</script>", "2014-05-06 12:10 minute"),
        ("<script>window.DATA = {\"id\": \"1\", \"pubtime\": \"2014-05-06 12:10:00\"};</script>", "2014-05-06 12:10 second"),
        ("录入时间：2014-05-06 11:22 录入：管理员", "2014-05-06 11:22 minute"),
        ("添加时间:2014-5-6", "2014-05-06 00:00 day"),
        ("发布：2014-5-6 9:05 | 浏览 3", "2014-05-06 09:05 minute"),
        ("发布时间：2009-6-12 下午 03:20:11 阅读：33", "2009-06-12 15:20 second"),
        ("发布日期：20140506", "2014-05-06 00:00 day"),
        ("发布时间：二〇一四年十二月二十六日", "2014-12-26 00:00 day"),
        ("发布时间：[2014-05-06]", "2014-05-06 00:00 day"),
        ("[成文日期] 2014-05-01 [发布日期] 2014-05-06", "2014-05-06 00:00 day"),
        ("信息来源：区教育局　信息提供日期：2014-05-06", "2014-05-06 00:00 day"),
    ],
)  # fmt: skip
def test_the_time_is_read_however_the_line_below_the_title_gives_it(info: str, time: str) -> None:
    assert shown(article(info)) == time


@pytest.mark.parametrize(
    ("info", "source"),
    [
        ("2014-05-06 来源：<script>document.write('区应急局')</script>", "区应急局"),
        ("2014-05-06 信息来源：【区民政局】", "区民政局"),
        ("【发布时间：2014年5月6日】【信息来源：区民政局】【字体：大 中 小】", "区民政局"),
        ("<table><tr><th>发布时间</th><td>2014-05-06</td></tr><tr><th>信息来源</th><td>区教育局</td></tr></table>", "区教育局"),
        ("<script>var tm = '2014-05-06 16:21:50.0'; var source='商务部新闻办公室';</script>", "商务部新闻办公室"),
        ("信息来源：区教育局　信息提供日期：2014-05-06", "区教育局"),
        ("2014-05-06 <span>来源：</span><span>浏览次数：3</span>", None),
    ],
)  # fmt: skip
def test_the_source_is_read_from_brackets_cells_and_scripts(info: str, source: str | None) -> None:
    assert article(info).source_label == source


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        (f"<div class=xl_title>{TITLE}</div>", "章江区人民政府"),
        (f"<table><tr><td align=center><font size=5><b>{TITLE}</b></font></td></tr></table>", ""),
        (f"<div>{TITLE}</div>", f"{TITLE}-通知公告-章江区卫健委"),
        (f"<div>{TITLE}</div>", f"章江区卫健委>>通知公告>>{TITLE}"),
        (f"<div>{TITLE}</div>", f"{TITLE} - 章江区卫健委"),
    ],
)
def test_the_title_is_the_articles_not_the_sites(heading: str, title: str) -> None:
    assert article("发布时间：2014-05-06", heading, title=title).title == TITLE


def test_an_information_line_above_the_title_in_a_table_is_no_text() -> None:
    line = "<tr><td>中央政府门户网站　www.gov.cn　　　2012年06月24日 20时15分　　　来源：新华社</td></tr>"
    table = f"<table>{line}<tr><td>{TITLE}</td></tr><tr><td>{TEXT}</td></tr></table>"
    (post,) = parse_article(page(table, TITLE), NOW).posts
    assert (post.title, shown(post), post.source_label) == (TITLE, "2012-06-24 20:15 minute", "新华社")
    assert "中央政府门户网站" not in post.text


ROWS = [
    ("关于做好年度安全生产考核工作的通知", "2025-11-19"),
    ("区政府召开第三十二次常务会议研究部署", "2025-11-18"),
    ("公示", "2025-11-15"),
    ("全区教育工作会议召开，部署新学期工作", "2025-10-21"),
]


def rows(of: str, around: str = "{}", name: str = "通知公告") -> Parsed:
    """A list whose rows are made of {n}, {title} and {date}, or of their {short}, {digits}, {day} and {month}."""
    parts = [
        of.replace("{n}", str(n)).replace("{title}", title).replace("{date}", date).replace("{short}", date[2:])
        .replace("{digits}", date.replace("-", ""))
        for n, (title, date) in enumerate(ROWS)
    ]  # fmt: skip
    return parse_list(page(around.replace("{}", "".join(parts)), name), NOW)


@pytest.mark.parametrize(
    ("row", "around"),
    [
        ("<dt><a href='{n}.htm'>{title}</a></dt><dd>{date}</dd>", "<dl>{}</dl>"),
        ("<div class=row><div><a href='{n}.htm'>{title}</a></div><div>{date}</div></div>", "<div>{}</div>"),
        ("· <a href='{n}.htm'>{title}</a> ({date})<br>", "<div>{}</div>"),
        ("<li><a href='{n}.htm'>{title}</a><span>({short})</span></li>", "<ul>{}</ul>"),
        ("<li><a href='{n}.htm'>{title}</a><span>{digits}</span></li>", "<ul>{}</ul>"),
        ("<li><a href='{n}.htm'>{title}</a><script>document.write('{date}'.substr(0,10))</script></li>", "<ul>{}</ul>"),
        ("<tr onclick=\"window.open('/tzgg/{n}.htm')\"><td>{title}</td><td>{date}</td></tr>", "<table>{}</table>"),
        ("<li><a href='javascript:void(0)' onclick=\"go('{n}.htm')\">{title}</a><b>{date}</b></li>", "<ul>{}</ul>"),
        ("document.write('<li><a href=\"{n}.htm\">{title}</a><span>{date}</span></li>');", "<script>{}</script>"),
        ("{title: '{title}', url: '{n}.htm', date: '{date}'},", "<script>var list = [{}];</script>"),
        ("<li><a href='{n}.htm'>{title}</a><a href='{n}.htm'>查看详情</a><span>{date}</span></li>", "<ul>{}</ul>"),
        (
            "<tr><td><a href='{n}.htm'>{title}</a></td><td>2025-01-0{n}</td><td>{date}</td></tr>",
            "<table><tr><th>标题</th><th>成文日期</th><th>发布日期</th></tr>{}</table>",
        ),
        (
            "<li><a href='{n}.htm' title='文章标题：{title}&#10;作    者：佚名&#10;更新时间：{date}'>{title}</a>[{date}]</li>",
            "<ul>{}</ul>",
        ),
    ],
)
def test_a_list_is_read_however_its_rows_are_made(row: str, around: str) -> None:
    parsed = rows(row, around)
    assert parsed.outcome is Outcome.OK, parsed
    assert [(post.title, shown(post)) for post in parsed.posts] == [(t, f"{d} 00:00 day") for t, d in ROWS]
    assert [post.url for post in parsed.posts] == [f"http://www.zj.example/tzgg/{n}.htm" for n in range(len(ROWS))]


def test_a_pinned_row_is_known_and_its_mark_is_no_part_of_the_title() -> None:
    top = "<li><a href='z.htm'><b>[置顶]</b>关于征集意见建议的公告</a><span>2024-01-01</span></li>"
    parsed = rows("<li><a href='{n}.htm'>{title}</a><span>{date}</span></li>", f"<ul>{top}{{}}</ul>")
    assert (parsed.posts[0].title, parsed.posts[0].pinned) == ("关于征集意见建议的公告", True)
    assert parsed.hints["ordered"]


@pytest.mark.parametrize(
    "data",
    [
        '{"code": 0, "data": {"rows": [{"bt": "关于开展消防演练的通知", "fbsj": "2025-11-19 10:00:00", "lj": "/a/1.html"},'
        ' {"bt": "全区教育工作会议召开", "fbsj": "2025-11-18 10:00:00", "lj": "/a/2.html"}]}}',
        '{"success": true, "data": {"html": "<li><a href=\\"/a/1.html\\">关于开展消防演练的通知</a><span>2025-11-19</span></li>'
        '<li><a href=\\"/a/2.html\\">全区教育工作会议召开</a><span>2025-11-18</span></li>"}}',
    ],
)
def test_data_with_names_of_its_own_or_with_rows_of_html_is_a_list(data: str) -> None:
    parsed = parse_list(Page(url="http://www.zj.example/list", body=data.encode()), NOW)
    assert [(post.title, post.url) for post in parsed.posts] == [
        ("关于开展消防演练的通知", "http://www.zj.example/a/1.html"),
        ("全区教育工作会议召开", "http://www.zj.example/a/2.html"),
    ]


def test_an_article_is_no_list_of_its_attachments() -> None:
    text = f"<div class=TRS_Editor>{TEXT}<p><a href='a.doc'>附件：考核办法</a></p></div>"
    body = f"<h1>{TITLE}</h1><div>发布时间：2025-11-11</div>{text}"
    assert parse_list(page(body), NOW).outcome is Outcome.LAYOUT_CHANGED


def test_a_note_about_nothing_in_a_corner_does_not_empty_a_list() -> None:
    undated = "".join(f"<li><a href='{n}.htm'>{title}，现予公布</a></li>" for n, (title, _date) in enumerate(ROWS))
    assert parse_list(page(f"<ul>{undated}</ul><div>暂无相关信息</div>"), NOW).outcome is Outcome.LAYOUT_CHANGED
    assert parse_list(page("<p>暂无信息</p>"), NOW).outcome is Outcome.EMPTY


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        ("<title>提示信息</title>您访问的页面不存在或已删除！", Outcome.GONE, "page_not_found"),
        ("<title>章江区人民政府</title>抱歉，该信息已下线", Outcome.GONE, "page_not_found"),
        ("<title>无法找到该页</title>您正在搜索的页面可能暂时不可用。", Outcome.GONE, "page_not_found"),
        ("<title>HTTP Status 404 – Not Found</title><h1>HTTP状态 404 - 未找到</h1>", Outcome.GONE, "page_not_found"),
        ("<script>alert('信息不存在！');history.back();</script>", Outcome.GONE, "page_not_found"),
        ("<title>Error</title>Fatal error: Uncaught mysqli_sql_exception", Outcome.UNREACHABLE, "site_error"),
        ("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", Outcome.LAYOUT_CHANGED, "not_the_site"),
        ("<title>恭喜，站点创建成功！</title>本页面由系统自动生成", Outcome.LAYOUT_CHANGED, "not_the_site"),
        ("<title>该域名可能正在出售</title>", Outcome.LAYOUT_CHANGED, "not_the_site"),
        ("<title>章江区民政局</title>网站升级维护中，请稍后访问", Outcome.LAYOUT_CHANGED, "not_the_site"),
        ("<title>用户登录</title><form><input type=password></form>", Outcome.BLOCKED, "site_login"),
        ("<title>安全验证</title>请按住滑块，拖动到最右边", Outcome.BLOCKED, "captcha"),
        ("<script>document.cookie='a=b';location.reload();</script>", Outcome.BLOCKED, "waf"),
        ("%PDF-1.4 …", Outcome.LAYOUT_CHANGED, "not_html"),
        ("\ufeff \n", Outcome.LAYOUT_CHANGED, "empty_body"),
    ],
)
def test_what_stands_in_the_place_of_a_page_is_no_page(said: str, outcome: Outcome, reason: str) -> None:
    for parse in (parse_article, parse_list, parse_home):
        parsed = parse(Page(url="http://www.zj.example/", body=said.encode()), NOW)
        assert (parsed.outcome, parsed.reason, parsed.items) == (outcome, reason, [])


def test_a_short_article_about_maintenance_is_an_article() -> None:
    text = "<div class=TRS_Editor><p>本网站将于今晚维护，暂停服务，敬请谅解，特此公告。</p></div>"
    body = f"<h1>关于网站升级维护的公告</h1><div>发布时间：2025-11-11</div>{text}"
    assert parse_article(page(body, "关于网站升级维护的公告"), NOW).outcome is Outcome.OK
