"""Pages behind a code that say themselves that it is over; pages that only speak of such codes."""

from __future__ import annotations

import pytest

from gzcrawl.qr.over import over


@pytest.mark.parametrize(
    "text",
    ["该二维码已过期", "抱歉，此二维码已被停用", "活码已失效，请联系发布者", "链接已过期", "二维码内容已被暂停访问"],
)
def test_a_page_that_says_so_is_over(text: str) -> None:
    assert over(f"<title>提示</title><div>{text}</div><script>var x = 1;</script>")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "二维码未过期",
        "二维码即将过期，请尽快保存",
        "章江发布",
        "该二维码有效期7天",
        "请勿让二维码失效前转发" + "章江市卫生健康委员会通知" * 30 + "二维码已过期",
    ],
)
def test_a_page_that_shows_something_is_not(text: str) -> None:
    assert not over(f"<title>章江</title><div>{text}</div><script>msg = '二维码已过期'</script>")
