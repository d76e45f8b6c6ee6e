"""What Word makes of a mail: Outlook for Windows shows mail with it.

Microsoft's own list for Outlook 2007, and still the only one (described in hteumeuleu.com/2020/outlook-rendering-engine): <body> and
<span> know CORE, <div> and <p> also margins, all other elements everything here. What Word ignores is allowed only where its
absence does no harm, with what stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from parsel import Selector

from scheduler.notify.digest import Digest
from scheduler.notify.pictures import Picture
from scheduler.notify.render import html
from tests.notify.digests import entry, whole

CORE = {
    "color",
    "background-color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "white-space",
    "text-align",
}
CORE |= {"vertical-align", "text-decoration", "border", "border-collapse"}
MARGINS = {"margin", "margin-top", "margin-bottom"}
FULL = {"width", "height", "padding", "border-top"}
IGNORED = {"max-width", "word-break", "overflow-wrap"}
ELEMENTS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "table",
    "tr",
    "td",
    "div",
    "p",
    "h2",
    "span",
    "b",
    "a",
    "br",
    "img",
}
ATTRIBUTES = {"style", "lang", "charset", "name", "content", "role", "width", "bgcolor", "align", "valign", "cellpadding",
              "cellspacing", "border", "href", "src", "alt"}  # fmt: skip
PNG = Picture(data=b"x", alt="图", width=120)


def mails() -> Iterator[Digest]:
    shown = replace(entry(), pictures=(PNG,))
    yield replace(whole(), standing=(shown, *whole().standing), pictures=(PNG,))


@pytest.fixture(params=mails(), ids=["whole"])
def page(request: pytest.FixtureRequest) -> Selector:
    return Selector(html(request.param))


def properties(element: Selector) -> dict[str, str]:
    parts = (part.partition(":") for part in element.attrib.get("style", "").split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def test_only_elements_and_attributes_word_knows_are_used(page: Selector) -> None:
    for element in page.xpath("//*"):
        assert element.root.tag in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES, element.root.tag


def test_only_properties_word_knows_for_the_element_are_used(page: Selector) -> None:
    known = {
        "body": CORE | {"margin", "padding"},
        "span": CORE,
        "div": CORE | MARGINS,
        "p": CORE | MARGINS,
    }  # body: for browsers
    for element in page.xpath("//*[@style]"):
        tag = element.root.tag
        assert set(properties(element)) - IGNORED <= known.get(tag, CORE | MARGINS | FULL), (
            tag,
            element.attrib["style"],
        )


def test_sizes_are_pixels_or_parts_of_the_whole(page: Selector) -> None:
    for element in page.xpath("//*[@style]"):
        for name, value in properties(element).items():
            assert not re.search(r"\d(em|rem|vw|vh|pt|ch)\b|calc|var\(|url\(|!important|rgba|hsl", value), (name, value)


def test_what_has_a_ground_has_it_as_an_attribute_too(page: Selector) -> None:
    for element in page.xpath("//td[contains(@style, 'background-color')] | //body"):
        assert element.attrib["bgcolor"] == properties(element)["background-color"]


def test_pictures_and_tables_say_their_width_and_gaps(page: Selector) -> None:
    for image in page.xpath("//img"):
        assert 0 < int(image.attrib["width"]) <= 720
        assert image.attrib["border"] == "0"
        assert image.attrib["alt"]
    for table in page.xpath("//table"):
        assert {"cellpadding", "cellspacing", "border"} <= set(table.attrib)


def test_where_max_width_is_ignored_something_else_limits_the_width(page: Selector) -> None:
    wide = page.xpath("//*[contains(@style, 'max-width')]")
    assert {element.root.tag for element in wide} == {"img", "table"}
    (table,) = [element for element in wide if element.root.tag == "table"]
    (before,) = table.xpath("preceding-sibling::comment()").getall()
    assert re.fullmatch(r'<!--\[if mso\]><table [^>]*width="720"[^>]*><tr><td><!\[endif\]-->', before)
    assert table.xpath("following-sibling::comment()").getall() == ["<!--[if mso]></td></tr></table><![endif]-->"]
