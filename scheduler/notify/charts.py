"""Charts as PNG, for mail and report: drawn from plain values with matplotlib, without a display and without pyplot's state."""

from __future__ import annotations

import io
from bisect import bisect
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from scheduler.notify.language import ZH, Language
from scheduler.notify.pictures import Picture
from scheduler.notify.statuses import STATUSES

WIDTH = 684
"""CSS pixels: as wide as a mail."""
DPI = 72
SHARP = 2  # pixels for each CSS pixel
INK, AXIS, PAPER, BAR = "#24292f", "#d0d7de", "#ffffff", "#5b8fc7"
LARGE = 18  # a phone shows it half as large
HEAD, FOOT = 84, 46  # CSS pixels
MOST_ROWS, MOST_COLUMNS = 40, 12
GREEN_HOURS = (4, 12, 24)
GREENS = ("#7fcf9c", "#a9dfbf", "#cdebd9", "#e8f6ee")
"""In time, by working hours: the later the paler."""
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei")


@dataclass(frozen=True, slots=True)
class Cell:
    status: str  # one of STATUSES
    lag_hours: float | None = None  # working time from the publication


@dataclass(frozen=True, slots=True)
class Row:
    name: str  # of a department
    cells: tuple[Cell | None, ...]  # one for each announcement; None: not obliged

    @property
    def faults(self) -> int:
        return sum(cell is not None and cell.status in ("late", "missing", "deleted") for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Spread:
    """How one announcement spread: working hours from publication to each repost, and to the deadline."""

    title: str
    lags: tuple[float, ...]
    obliged: int
    due: float | None = None


@lru_cache(maxsize=8)
def bars(days: tuple[tuple[str, int], ...], say: Language) -> Picture:
    """Open violations, one bar for each (day, count), oldest first; day and count in figures for the last and each week before."""
    with _style():
        figure = _figure(180)
        axes = figure.add_axes((0.02, 0.18, 0.94, 0.64))
        counts = [count for _day, count in days]
        weeks = range((len(days) - 1) % 7, len(days), 7) if days else ()
        drawn = axes.bar(range(len(days)), counts, width=0.86, color=BAR)
        figures = [str(count) if at in weeks else "" for at, count in enumerate(counts)]
        axes.bar_label(drawn, figures, padding=2, fontsize=LARGE, color=INK)
        axes.set_xticks(weeks, [days[at][0] for at in weeks], fontsize=LARGE)
        axes.set_xlim(-0.6, max(len(days), 1) - 0.4)
        axes.set_ylim(0, max(counts, default=0) or 1)
        axes.yaxis.set_visible(False)
        axes.tick_params(length=0, pad=4)
        axes.spines[["top", "left", "right"]].set_visible(False)
        listed = (say("%(name)s %(count)s 项", name=days[at][0], count=counts[at]) for at in weeks)
        told = say("近 %(days)s 天未整改数量：%(counts)s", days=len(days), counts=say("，").join(listed))
        return _picture(figure, told)


def heat_map(titles: Sequence[str], rows: Sequence[Row], say: Language = ZH) -> Picture:
    """Departments x announcements, the newest MOST_COLUMNS of them; the departments with most faults first."""
    start = max(0, len(titles) - MOST_COLUMNS)
    cut = [Row(row.name, row.cells[start:]) for row in rows]
    ordered = sorted(cut, key=lambda row: (-row.faults, row.name))
    shown, titles = ordered[:MOST_ROWS], titles[start:]
    height = HEAD + FOOT + 22 * max(len(shown), 1) + (16 if len(ordered) > MOST_ROWS else 0)
    with _style():
        figure = _figure(height)
        axes = figure.add_axes((0.2, FOOT / height, 0.79, 1 - (FOOT + HEAD) / height))
        axes.set_xlim(0, max(len(titles), 1))
        axes.set_ylim(max(len(shown), 1), 0)
        for y, row in enumerate(shown):
            for x, cell in enumerate(row.cells):
                if cell is not None:
                    _draw_cell(axes, x, y, cell, say)
        axes.set_yticks([y + 0.5 for y in range(len(shown))], [_short(row.name, 11) for row in shown])
        axes.set_xticks([x + 0.5 for x in range(len(titles))], [_wrapped(t, len(titles)) for t in titles], va="bottom")
        axes.xaxis.tick_top()
        axes.tick_params(length=0, pad=4)
        axes.spines[:].set_visible(False)
        used = {cell.status for row in shown for cell in row.cells if cell}
        patches = [
            Patch(facecolor=s.colour, edgecolor=AXIS, label=say(s.word)) for n, s in STATUSES.items() if n in used
        ]
        if patches:
            figure.legend(
                handles=patches, loc="lower left", ncols=8, frameon=False, bbox_to_anchor=(0.0, 0.0), handlelength=1.2
            )
        if len(ordered) > MOST_ROWS:
            note = say("另有 %(count)s 个单位未列出（问题较少）", count=len(ordered) - MOST_ROWS)
            figure.text(0.2, 36 / height, note, color=INK, va="center")
        faults = (say("%(name)s %(count)s 项", name=row.name, count=row.faults) for row in shown if row.faults)
        listed = say("，").join(faults) or say("无")
        told = "公告转发情况：%(titles)s 条公告，%(units)s 个单位；未按时转发：%(faults)s"
        return _picture(figure, say(told, titles=len(titles), units=len(ordered), faults=listed))


def _draw_cell(axes: Axes, x: int, y: int, cell: Cell, say: Language) -> None:
    status = STATUSES[cell.status]
    colour = GREENS[bisect(GREEN_HOURS, cell.lag_hours or 0.0)] if cell.status == "in_time" else status.colour
    axes.add_patch(Rectangle((x + 0.02, y + 0.06), 0.96, 0.88, facecolor=colour, edgecolor=AXIS, linewidth=0.4))
    timed = cell.lag_hours is not None and cell.status in ("in_time", "late")
    text = say("%(hours)s时", hours=f"{cell.lag_hours:.0f}") if timed else say(status.mark)
    axes.text(x + 0.5, y + 0.52, text, ha="center", va="center", color=status.ink, fontsize=9)


def spread_curve(told: Spread, say: Language = ZH) -> Picture:
    """How many departments had reposted after how many hours of working time."""
    with _style():
        figure = _figure(230)
        axes = figure.add_axes((0.07, 0.2, 0.9, 0.62))
        lags = sorted(told.lags)
        end = max([*lags, told.due or 0.0, 1.0]) * 1.06
        xs, ys = [0.0], [0]
        for number, lag in enumerate(lags, 1):
            xs += [lag, lag]
            ys += [number - 1, number]
        axes.plot([*xs, end], [*ys, len(lags)], color="#1f6fb2", linewidth=2)
        axes.fill_between([*xs, end], [*ys, len(lags)], color="#1f6fb2", alpha=0.12)
        axes.axhline(told.obliged, color="#57606a", linewidth=1, linestyle=(0, (4, 3)))
        said = say("应转发 %(count)s 个单位", count=told.obliged)
        axes.text(end, told.obliged * 1.02, said, ha="right", va="bottom", color="#57606a")
        if told.due is not None:
            axes.axvline(told.due, color="#c0392b", linewidth=1.2)
            axes.text(told.due, told.obliged * 0.04, say(" 期限"), color="#c0392b", va="bottom", ha="right")
        axes.set_xlim(0, end)
        axes.set_ylim(0, max(told.obliged, 1) * 1.15)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(say("发布后的工作时间（小时，工作日按 24 小时计）"), color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        title = say("《%(title)s》转发进度", title=_short(told.title, 38))
        figure.text(0.07, 0.93, title, color=INK, fontsize=11, va="center")
        in_time = sum(told.due is None or lag <= told.due for lag in lags)
        text = "《%(title)s》：应转发 %(obliged)s 个单位，已转发 %(done)s 个，其中按时 %(in_time)s 个"
        facts = {"obliged": told.obliged, "done": len(lags), "in_time": in_time}
        return _picture(figure, say(text, title=told.title, **facts))


def _figure(height: float) -> Figure:
    return Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI * SHARP, facecolor=PAPER)


def _style() -> AbstractContextManager[None]:
    """The first of FONTS that is installed; figures always look the same, whatever the user's own settings."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    family = [name for name in FONTS if name in installed]
    return rc_context(
        {
            "font.family": [*family, "DejaVu Sans"],
            "font.size": 9,
            "axes.edgecolor": AXIS,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.unicode_minus": False,
        }
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wrapped(title: str, columns: int) -> str:
    """In up to five lines, as wide as its column."""
    wide = max(3, 56 // max(columns, 1) - 1)
    wide = min(wide, 14)
    lines = [title[start : start + wide] for start in range(0, len(title), wide)]
    return "\n".join(lines if len(lines) <= 5 else [*lines[:4], _short("".join(lines[4:]), wide)])


def _picture(figure: Figure, alt: str) -> Picture:
    drawn, buffer = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:  # few colours: a quarter of the bytes
        image.convert("RGB").quantize(64).save(buffer, "PNG", optimize=True)
    return Picture(data=buffer.getvalue(), alt=alt, width=WIDTH)
