"""More kinds of repost and of look-alike, made from the announcements of pair files; for training, never shipped as text.

    python bench/repost_kinds.py PAIRS.jsonl … > made.jsonl

Deterministic. Each announcement gives one pair of some kinds. `label` says what the office would call it; debatable kinds
(an interpretation of the announcement, a corrected full text) are not made, as nothing should be learned from them.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import opencc

Made = dict[str, Any] | None
Maker = Callable[[random.Random, dict[str, Any], list[dict[str, Any]]], Made]

SHARE = 0.22
"""Of the kinds that could be made of an announcement, so many are."""

WHO = "市教育局 区卫健局 县水利局 高新区管委会 市交通运输局 镇政府 街道办 市文旅局 县融媒体中心 市场监管局".split()
PLACES = "青禾 白石 临川口 云岭 沙洲 桐木 望江 石桥 南浦 龙泉湾".split()
OPENERS = (
    "请广大师生和家长留意。 各位乡亲请互相转告！ 与你我有关，请看： 现转发如下： 提醒辖区各单位抓紧落实。 "
    "请各科室知悉。 大家快来看看"
).split()
REMARKS = (
    "收到请扩散。 值得一看。 为我市点赞！ 我们会全力配合。 这个好消息等了很久了。 身边有需要的朋友请转给他们。".split()
)
DUTIES = (
    "会上，班子成员逐一汇报了分管工作。会议要求，压实责任，抓好问题整改。",
    "近日，我局组织业务骨干到社区开展宣讲，现场解答群众提问，发放资料若干份。",
    "下一步，我们将建立台账，明确责任人和完成时限，定期调度，确保各项任务落地。",
    "工作人员走访了辖区商户，逐户检查安全设施，对发现的隐患当场交办。",
)
COLOURS, LEVELS = "红橙黄蓝", "一二三四"


def sentences(text: str) -> list[str]:
    return [part for part in re.findall(r"[^。！？\n]+[。！？]?", text) if len(part.strip()) > 6]


def post(text: str, title: str | None = None, **more: Any) -> Made:
    return {"title": title, "text": text, "links": [], **more}


def short_link(r: random.Random) -> str:
    return f"http://t.cn/A6{r.randrange(36**5):x}"


# --- reposts


def foreword(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    since = f"{r.randint(1, 12)}月{r.randint(1, 28)}日起受理"
    own = f"{r.choice(WHO)}：{r.choice(OPENERS)}咨询电话0797-8{r.randrange(10**6):06d}，{since}。"
    return post(f"{own}\n{a['title']}\n{a['body']}"[: r.choice([200, 600, 3000])])


def truncated(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post(
        f"{a['title']} {a['body']}"[: r.randint(60, 140)] + r.choice(["…全文", "... 展开全文c", "……", "…[全文]"])
    )


def traditional(_r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post(opencc.OpenCC("s2t").convert(f"{a['title']}\n{a['body'][:400]}"))


def caption(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post(
        r.choice(["{}，详见图片。{}", "【{}】戳图查看↓ {}", "↓↓{}↓↓ {}", "转发：{} 全文见{}"]).format(
            a["title"], short_link(r)
        )
    )


def title_tag(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post(
        r.choice(["#{}# {}", "【{}】{}", "{} {}", "{}\n{}", "《{}》{}"]).format(
            a["title"], r.choice([*OPENERS, *REMARKS])
        )
    )


def title_without_text(_r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post("", title=a["title"], platform="wechat")


def title_without_frame(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    short = re.sub(r"^.{2,20}?关于|的(?:通知|公告|通告|通报|意见)$", "", a["title"])
    return (
        post(f"{r.choice(['速看！', '定了！', '', '【提醒】'])}{short} {short_link(r)}") if len(short) >= 10 else None
    )


def two_in_one(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    parts = [a, r.choice(others)]
    r.shuffle(parts)
    return post(
        "\n".join(f"{i}、{p['title']}：{p['body'][: r.randint(80, 200)]}" for i, p in enumerate(parts, 1)),
        title="要闻两则",
    )


def titles_list(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    lines = [a["title"], *(o["title"] for o in r.sample(others, 5) if o["title"])]
    r.shuffle(lines)
    return post(
        "\n".join(f"· {line} {short_link(r)}" for line in lines), title=r.choice(["本周文件汇总", "一周政务", None])
    )


def one_sentence(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    found = [s for s in sentences(a["body"]) if 24 <= len(s) <= 90]
    return post(f"{r.choice(REMARKS)}“{r.choice(found)}”（{r.choice(WHO)}）") if found else None


def item_in_digest(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    items = [a, *r.sample(others, r.randint(2, 4))]
    r.shuffle(items)
    return post(
        "\n".join(f"{i}. {''.join(sentences(o['body'])[:2])[:110]}" for i, o in enumerate(items, 1)),
        title=r.choice(["政务晚报", "今日要点"]),
    )


def quote_in_talk(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    """One sentence of it among sentences about something else."""
    found = [s.strip() for s in sentences(a["body"]) if 20 <= len(s.strip()) <= 120]
    talk = [s.strip() for o in r.sample(others, 2) for s in sentences(o["body"])[1:6] if len(s.strip()) <= 120]
    if not found or len(talk) < 2:
        return None
    before, after = r.sample(talk, 2)
    marks = r.choice(["“{}”", "「{}」", '"{}"', "『{}』"])
    return post(f"{before}{marks.format(r.choice(found))}{after if r.random() < 0.7 else ''}")


def cut_digest(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    """The beginning of each item, cut off somewhere."""
    items = [a, *r.sample(others, r.randint(2, 6))]
    r.shuffle(items)
    lines = [f"{o['body'].strip()[: r.randint(40, 110)]}…" for o in items]
    return post(
        "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1)), title=r.choice(["早报", "要闻速览", None])
    )


def fuller(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    """Of the announcement only the beginning is known; the post has everything."""
    known = r.randint(100, 240)
    if len(a["body"]) < 1.5 * known:
        return None
    whole = f"{a['title']}\n{a['body']}" if r.random() < 0.5 else a["body"]
    return post(whole[: r.choice([600, 3000])], announcement=a | {"body": f"{a['body'][:known]}…"})


def punctuation(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    table = str.maketrans("，。；：！？（）“”", ',.;:!?()""')
    return post(re.sub(r"([,.;])", r.choice([r"\1 ", r"\1\n"]), f"{a['title']}. {a['body'][:500]}".translate(table)))


def late_copy(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    return post(f"{a['title']}\n{a['body']}"[: r.choice([140, 300, 2000])], days=r.uniform(3, 30))


def rewritten_figures(_r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    rounded = re.sub(
        r"\d{6,8}(?=[人例元个])", lambda m: f"{int(m[0]) / 10000:.1f}万", f"{a['title']}。{a['body'][:400]}"
    )
    changed = re.sub(r"(\d{1,2})月(\d{1,2})日", r"\1.\2", rounded)
    return post(changed) if changed != f"{a['title']}。{a['body'][:400]}" else None


def shortened(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    found = sentences(a["body"])[:12]
    kept = [s for s in found if r.random() < 0.5]
    return post(f"{a['title']}。" * r.randint(0, 1) + "".join(kept)[:400]) if len("".join(kept)) >= 40 else None


def typed_off(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    text = "".join(c for c in f"{a['title']}。{a['body'][:300]}" if c.isdigit() or r.random() > 0.04)
    for old, new in (
        ("开展", "进行"),
        ("举行", "召开"),
        ("发布", "公布"),
        ("近日", "日前"),
        ("全市", "我市"),
        ("立即", "马上"),
    ):
        text = text.replace(old, new)
    return post(text)


# --- look-alikes


def figures_changed(text: str, r: random.Random, share: float = 1.0) -> str:
    """Other figures of the same size; the year stays."""

    def other(m: re.Match[str]) -> str:
        if r.random() > share or re.fullmatch(r"20[012]\d", m[0]):
            return m[0]
        value = int(m[0])
        return (
            str(max(1, value + r.choice([-1, 1]) * max(1, int(value * r.uniform(0.05, 0.4)))))
            if len(m[0]) < 12
            else m[0]
        )

    return re.sub(r"(?<![\d.])\d+(?![\d.])", other, text)


def excerpt(r: random.Random, a: dict[str, Any]) -> str:
    return f"{a['title']}。{a['body']}"[: r.choice([140, 300, 2000])]


def other_period(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    text = excerpt(r, a)
    changed = figures_changed(text, r)
    return (
        post(changed, days=r.choice([None, 1, 7, 30]))
        if sum(x != y for x, y in zip(text, changed, strict=False)) >= 3
        else None
    )


def other_dates(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    text, days = excerpt(r, a), r.choice([1, 7, 14])

    def later(m: re.Match[str]) -> str:
        moved = date(2025, max(1, min(12, int(m[1]))), max(1, min(28, int(m[2])))) + timedelta(days=days)
        return f"{moved.month}月{moved.day}日"

    changed, count = re.subn(r"(\d{1,2})月(\d{1,2})日", later, text)
    return post(changed, days=r.choice([None, days])) if count >= 2 else None


def other_year(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    text = excerpt(r, a)
    changed, count = re.subn(r"20[012]\d(?=年|〕|\])", lambda m: str(int(m[0]) - 1), text)
    return post(figures_changed(changed, r, 0.3), days=r.choice([None, None, 20])) if count >= 2 else None


def other_place(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    """The same notice of another county: its names and most of its figures."""
    found = re.findall(r"[\u4e00-\u9fff]{2}(?=[市县区镇乡](?!场|民))", a["title"] + a["body"][:600])
    names = {
        name for name in found if found.count(name) >= 2 and not re.search(r"[省市县区城各全个我本\\d]|国家|地", name)
    }
    text = excerpt(r, a)
    for name in sorted(names):
        text = text.replace(name, r.choice(PLACES)[:2])
    return post(figures_changed(text, r, 0.5)) if names and text != excerpt(r, a) else None


def other_level(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    text = excerpt(r, a)
    changed = re.sub(r"[红橙黄蓝](?=色)", lambda m: COLOURS[(COLOURS.index(m[0]) + 1) % 4], text)
    changed = re.sub(r"[一二三四](?=级)", lambda m: LEVELS[(LEVELS.index(m[0]) + 1) % 4], changed)
    return post(figures_changed(changed, r, 0.6)) if changed != text else None


def follows_up(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    verb = r.choice(["根据《{}》要求，", "为落实《{}》，", "《{}》印发后，", "按照“{}”的部署，", "对照《{}》，"])
    return post(f"{r.choice(WHO)}：{verb.format(a['title'])}{r.choice(DUTIES)}{r.choice(DUTIES)}")


def same_title(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    """Under the same plain title, weeks later, another text."""
    if len(a["title"]) >= 18:
        return None
    return post(r.choice(others)["body"][: r.choice([140, 300, 2000])], title=a["title"], days=r.uniform(6, 300))


def put_off(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    short = re.sub(r"^关于|的(?:通知|公告|通告)$", "", a["title"])
    word = r.choice(["延期举行", "取消", "终止", "解除", "暂缓执行", "更正", "废止"])
    return post(
        f"关于{word}{short}的公告：因故，原定安排有变，具体时间另行通知，由此带来的不便敬请谅解。",
        days=r.choice([None, 2, 9]),
    )


def other_digest(r: random.Random, _a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    return post(
        "\n".join(f"{i}. {o['title']} {o['body'][:80]}" for i, o in enumerate(r.sample(others, 5), 1)), title="今日要点"
    )


def nearest(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    """Among some the one whose text is most alike."""
    mine = {a["body"][i : i + 3] for i in range(min(400, len(a["body"])))}
    pool = r.sample(others, min(200, len(others)))
    other = max(pool, key=lambda o: len(mine & {o["body"][i : i + 3] for i in range(min(400, len(o["body"])))}))
    return post(excerpt(r, other), title=other["title"], days=r.choice([None, 1, 5]))


def other_headline(r: random.Random, a: dict[str, Any], others: list[dict[str, Any]]) -> Made:
    """Only a title, of another notice in much the same words."""
    mine = pairs_of(f"{a['title']}{a['body'][:300]}")
    near = [
        (share, o["title"])
        for o in r.sample(others, min(200, len(others)))
        if len(o["title"]) >= 8 and (share := len(mine & pairs_of(o["title"])) / len(pairs_of(o["title"]))) < 0.4
    ]
    return post(f"{r.choice(['', '', '【转发】'])}{max(near)[1]}", days=r.choice([None, 1, 5])) if near else None


def pairs_of(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def meeting(r: random.Random, a: dict[str, Any], _: list[dict[str, Any]]) -> Made:
    topic = re.sub(r"^.{0,20}?关于|的(?:通知|公告|意见)$", "", a["title"])[:14]
    return (
        post(f"{r.choice(WHO)}召开专题会，研究{topic}有关工作。{r.choice(DUTIES)}{r.choice(DUTIES)}")
        if len(topic) > 5
        else None
    )


POSITIVE: tuple[Maker, ...] = (
    foreword, truncated, traditional, caption, title_tag, title_without_text, title_without_frame,
    two_in_one, titles_list, one_sentence, item_in_digest, punctuation, late_copy, quote_in_talk, cut_digest, fuller,
    rewritten_figures, shortened, typed_off,
)  # fmt: skip
NEGATIVE: tuple[Maker, ...] = (
    other_period, other_dates, other_year, other_place, other_level, follows_up, put_off, same_title, other_headline,
    other_digest, nearest, meeting,
)  # fmt: skip
NEEDS_TITLE = {caption, title_tag, title_without_text, titles_list, follows_up, put_off, same_title, meeting}


def pairs(announcements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for index, one in enumerate(announcements):
        others = [o for o in announcements if o["body"][:60] != one["body"][:60] and o["title"] != one["title"]]
        for maker in (*POSITIVE, *NEGATIVE):
            seed = hashlib.sha256(f"{maker.__name__}{one['title']}{one['body'][:80]}".encode()).digest()
            r = random.Random(seed)
            rare = maker in (other_level, other_year, other_place, other_dates)
            if r.random() > (0.6 if rare else SHARE) or (maker in NEEDS_TITLE and len(one["title"]) < 8):
                continue
            text = maker(r, one, others)
            if text is None:
                continue
            days = text.pop("days", r.choice([None, r.uniform(0.02, 2.5)]))
            at = one.get("published_at")
            if at and days is not None:
                text["published_at"] = (datetime.fromisoformat(at) + timedelta(days=days)).isoformat()
            announcement = text.pop("announcement", one)
            pair = {"pair_id": f"{maker.__name__}-{index}", "announcement": announcement, "post": text}
            made.append(pair | {"label": int(maker in POSITIVE), "kind": f"made_{maker.__name__}"})
    return made


def main() -> int:
    found = {}
    for name in sys.argv[1:]:
        for line in Path(name).read_text(encoding="utf-8").splitlines():
            one = json.loads(line)["announcement"]
            found[one["title"], one["body"][:80]] = one
    for pair in pairs(list(found.values())):
        print(json.dumps(pair, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
