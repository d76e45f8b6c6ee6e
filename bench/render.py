"""What the rendered look costs beside the least that scrapy-playwright can do: open the page, take a full-page picture.

    python -m bench.render [--rounds 5]

Time: one page after another, the two in turn in one browser and one crawl, medians. Memory: four pages at once, the
proportional set size (PSS) of all processes of the crawl, Chromium's and the driver's included, the highest of samples.
Targets: at most 1.2 times the time where the codes are seen at once, at most 500 MiB.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from fixtures.qr.pages import WECHAT, WEIBO
from fixtures.qr.server import PageServer

PAGES = {
    "seen at once": (
        "img",
        "floating_bar",
        "footer_far_down",
        "lazy_native",
        "canvas",
        "iframe",
        "css_linked",
        "portal",
    ),
    "behind an icon": ("hover_css", "click"),
    "not there": ("none", "picture_gone"),
}
AT_ONCE = 4
SAMPLE_SECONDS = 0.05


def portal() -> bytes:
    """A home page of usual weight: 40 pictures, 400 links, some scripts, codes in the footer."""
    links = "".join(f'<li><a href="/{n}.html">章江市第{n}号通知公告的标题</a> 2025-10-13</li>' for n in range(400))
    block = "width:220px;height:120px;display:inline-block;background:hsl"
    pictures = "".join(
        f'<img src="/img/wb.png?{n}" width="0"><div style="{block}({9 * n},60%,60%)"></div>' for n in range(40)
    )
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>章江市某局</title></head><body><h1>章江市某局</h1>'
        f'{pictures}<ul style="columns:4">{links}</ul><img src="/img/wb.png"><img src="/img/wx.png"></body></html>'
    ).encode()  # fmt: skip


def started(urls: Iterable[str], kinds: str, at_once: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.render_crawl", kinds, str(at_once), f"{WEIBO},{WECHAT}", *urls]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def seconds(urls: list[str], rounds: int) -> dict[str, tuple[float, float]]:
    """Medians (bare, ours) of each page; the first of each is not counted: the browser starts."""
    took = defaultdict[tuple[str, str], list[float]](list)
    with started(urls * (rounds + 1), "bare,ours", 1) as process:
        assert process.stdout is not None
        for line in process.stdout:
            url, kind, spent = json.loads(line)
            took[url, kind].append(spent)
    return {url: (statistics.median(took[url, "bare"][1:]), statistics.median(took[url, "ours"][1:])) for url in urls}


def memory(urls: list[str], kinds: str) -> Counter[str]:
    """MiB of PSS by kind of process, at the moment when their sum was highest."""
    most = Counter[str]()
    with started(urls, kinds, AT_ONCE) as process:
        while process.poll() is None:
            now = Counter[str]()
            for pid in _family(process.pid):
                now[_kind(pid)] += _pss(pid)
            most = max(most, now, key=Counter.total)
            time.sleep(SAMPLE_SECONDS)
    return Counter({kind: round(kib / 1024) for kind, kib in most.items()})


def _kind(pid: int) -> str:
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found = re.search(r"--type=(\S+)", command)
        if found:
            return found[1]
        return next((name for name in ("python", "node") if name in Path(command.partition(" ")[0]).name), "browser")
    return "gone"


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="0: memory only")
    args = parser.parse_args()
    with PageServer() as server:
        server.answers["/portal/"] = (200, "text/html; charset=utf-8", portal())
        urls = [server.url(name) for names in PAGES.values() for name in names]
        took = seconds(urls, args.rounds) if args.rounds else {}
        for group, names in PAGES.items() if took else ():
            for name in names:
                bare, ours = took[server.url(name)]
                print(f"  {name:18} bare {bare:.3f} s  ours {ours:.3f} s  {ours / bare:.2f}x")
            bare, ours = (sum(times) for times in zip(*(took[server.url(name)] for name in names), strict=True))
            print(f"{group}: {ours / bare:.2f}x", flush=True)
        for kinds in ("blank", "bare", "ours"):
            held = memory(urls, kinds)
            parts = ", ".join(f"{kind} {mib}" for kind, mib in held.most_common())
            print(f"{AT_ONCE} pages at once, {kinds}: {held.total()} MiB PSS ({parts})", flush=True)


if __name__ == "__main__":
    main()
