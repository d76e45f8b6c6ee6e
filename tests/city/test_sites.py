"""The sites as served: each content system in its manner, each trap where it was set."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

import pytest
from parsel import Selector

from fixtures.city import City
from fixtures.city.addresses import article_url
from fixtures.city.response import Response
from gzcrawl.registry import Site


def get(city: City, url: str) -> Response:
    parts = urlsplit(url)
    return city.answer(parts.scheme, parts.hostname or "", parts.path, parts.query)


def site(city: City, id: str) -> Site:
    found = city.registry.by_id[id]
    assert isinstance(found, Site)
    return found


def text(response: Response) -> str:
    return response.body.decode("gbk" if b"gb2312" in response.body else "utf-8")


def readable_sites(city: City) -> list[Site]:
    return [s for s in city.registry.sites if city.world.story.sites[s.id].answers == "normal"]


def rows(city: City, url: str) -> list[tuple[str, str]]:
    """(address, date as shown) of the list at `url`, rows inside comments included."""
    page = text(get(city, url)).replace("<!--", "").replace("-->", "")
    found = Selector(page).xpath("//*[contains(@class, 'list')]//*[self::li or self::tr][.//a]")
    return [
        (
            urljoin(url, row.xpath(".//a/@href").get() or ""),
            " ".join(row.xpath("(.//span|.//b|.//td[2])//text()").getall()),
        )
        for row in found
    ]


def test_every_list_leads_to_articles_that_say_what_was_published(city: City) -> None:
    for one in readable_sites(city):
        told = city.world.story.sites[one.id]
        if told.https_only or told.rows == "handlebars":
            continue
        published = {article_url(one, told.cms, p): p for p in city.world.shown(one.id, city.now)}
        for url in (*one.lists, *one.announcement_lists):
            listed = [address for address, _day in rows(city, url) if "weixin" not in address]
            assert listed
            for address in listed[:3]:
                article = text(get(city, address))
                piece = published[address]
                assert piece.title in article
                assert piece.body.split("\n")[0] in article
                assert piece.source
                assert piece.source in article


@pytest.mark.parametrize(
    ("id", "shape"),
    [
        ("wjw-site", r"/c\d+/20\d{4}/[0-9a-f]{32}\.shtml$"),
        ("tjj-site", r"/20\d{4}/t20\d{6}_\d{6}\.html$"),
        ("jtj-site", r"/art/20\d\d/\d{1,2}/\d{1,2}/art_\d+_\d+\.html$"),
        ("qxj-site", r"/show\.php\?id=\d+$"),
    ],
)
def test_each_content_system_has_its_addresses(city: City, id: str, shape: str) -> None:
    for address, _day in rows(city, site(city, id).lists[0]):
        assert re.search(shape, address)


def test_lists_go_on_to_further_pages(city: City) -> None:
    for id in ("wjw-site", "jtj-site", "qxj-site"):
        url = site(city, id).lists[0]
        following = Selector(text(get(city, url))).xpath("//a[text()='下一页']/@href").get()
        assert following
        assert not {a for a, _ in rows(city, url)} & {a for a, _ in rows(city, urljoin(url, following))}
    url = site(city, "tjj-site").lists[0]
    assert "createPageHTML(" in text(get(city, url))
    assert rows(city, url.replace("index.html", "index_1.html")) != rows(city, url)


def test_one_list_is_upside_down(city: City) -> None:
    days = [day for _address, day in rows(city, site(city, "rsj-site").lists[0])]
    assert days == sorted(days)
    ordinary = [day for _address, day in rows(city, site(city, "tjj-site").lists[0])]
    assert ordinary == sorted(ordinary, reverse=True)


def test_one_list_hides_its_rows_in_a_comment(city: City) -> None:
    page = text(get(city, site(city, "lyj-site").lists[0]))
    assert not Selector(page).xpath("//ul[@class='list']/li")
    assert len(rows(city, site(city, "lyj-site").lists[0])) == 12


def test_one_list_is_filled_by_a_script_that_asks_for_json(city: City) -> None:
    one = site(city, "bhx-site")
    page = text(get(city, one.lists[1]))
    assert "{{#each items}}" in page
    assert not Selector(page).xpath("//ul[@class='list']/li")
    code = re.search(r"channelId = '(\d+)'", page)
    assert code
    answer = json.loads(get(city, urljoin(one.home, f"/queryList?unitid={code[1]}&current=1")).body)
    assert len(answer["data"]["results"]) == 12


def test_one_list_leads_to_wechat(city: City) -> None:
    addresses = [address for address, _ in rows(city, site(city, "slj-site").lists[0])]
    assert any(address.startswith("https://mp.weixin.qq.com/s/") for address in addresses)
    assert get(city, next(a for a in addresses if "weixin" in a)).status == 200


def test_the_prescribed_date_of_an_announcement_is_the_time_its_page_was_made(city: City) -> None:
    piece = city.world.announcements["flu"]
    one = site(city, piece.target)
    page = Selector(text(get(city, article_url(one, "ucap", piece))))
    made = page.xpath("//meta[@name='PubDate']/@content").get()
    assert made == "2025-09-21 23:11:06"
    assert page.xpath("//meta[@name='others']/@content").get() == f"页面生成时间 {made}"
    assert page.xpath("//publishtime/text()").get() == "2025-09-19 23:50"


def test_one_site_is_gbk_and_says_gb2312_in_its_page_only(city: City) -> None:
    response = get(city, site(city, "qxj-site").home)
    assert response.content_type == "text/html"
    assert b"charset=gb2312" in response.body
    with pytest.raises(UnicodeDecodeError):
        response.body.decode("utf-8")
    assert "章江市气象局" in response.body.decode("gbk")


@pytest.mark.parametrize(("id", "status", "sign"), [("gaj-site", 412, b"$_ts"), ("czj-site", 521, b"document.cookie")])
def test_challenges_stand_before_every_page(city: City, id: str, status: int, sign: bytes) -> None:
    for url in (site(city, id).home, *site(city, id).lists):
        response = get(city, url)
        assert response.status == status
        assert sign in response.body


def test_one_site_does_not_answer_one_forbids_robots_and_one_moves_to_https(city: City) -> None:
    assert get(city, site(city, "zjj-site").home).dropped
    assert get(city, "https://www.liuchuan.zhangjiang.example/robots.txt").body == b"User-agent: *\nDisallow: /\n"
    moved = get(city, site(city, "qlx-site").home)
    assert (moved.status, moved.headers["Location"]) == (301, "https://www.qingling.zhangjiang.example/")
    assert len(get(city, moved.headers["Location"]).body) > 2_500_000


def test_every_picture_of_a_home_page_is_there(city: City) -> None:
    for one in readable_sites(city):
        page = text(get(city, one.home.replace("http://www.qing", "https://www.qing")))
        for address in re.findall(r"""(?:src|data-src)="(/[^"]+)"|url\("(/[^"]+)"\)""", page):
            response = get(city, urljoin(one.home.replace("http://www.qing", "https://www.qing"), "".join(address)))
            assert response.status == 200
            assert response.body


def test_pages_that_must_prove_absence_have_no_scripts_at_all(city: City) -> None:
    for id in ("sthj-site", "scjg-site", "ybj-site", "lyj-site"):
        page = text(get(city, site(city, id).home)).lower()
        assert "<script" not in page
        assert "<link" not in page


def test_a_page_that_is_not_there_is_a_404(city: City) -> None:
    assert get(city, "https://www.zhangjiang.example/nothing.shtml").status == 404
