"""Charts as PNG, for mail and report: drawn from plain values with matplotlib, without a display and without pyplot's state."""

from __future__ import annotations

import io
from bisect import bisect
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from scheduler.notify.pictures import Picture
from scheduler.notify.statuses import STATUSES

WIDTH = 684
"""CSS pixels: as wide as a mail."""
DPI = 72
SHARP = 2  # pixels for each CSS pixel
INK, AXIS, PAPER = "#24292f", "#d0d7de", "#ffffff"
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


def heat_map(titles: Sequence[str], rows: Sequence[Row]) -> Picture:
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
                    _draw_cell(axes, x, y, cell)
        axes.set_yticks([y + 0.5 for y in range(len(shown))], [_short(row.name, 11) for row in shown])
        axes.set_xticks([x + 0.5 for x in range(len(titles))], [_wrapped(t, len(titles)) for t in titles], va="bottom")
        axes.xaxis.tick_top()
        axes.tick_params(length=0, pad=4)
        axes.spines[:].set_visible(False)
        used = {cell.status for row in shown for cell in row.cells if cell}
        patches = [Patch(facecolor=s.colour, edgecolor=AXIS, label=s.word) for n, s in STATUSES.items() if n in used]
        if patches:
            figure.legend(
                handles=patches, loc="lower left", ncols=8, frameon=False, bbox_to_anchor=(0.0, 0.0), handlelength=1.2
            )
        if len(ordered) > MOST_ROWS:
            note = f"另有 {len(ordered) - MOST_ROWS} 个单位未列出（问题较少）"
            figure.text(0.2, 36 / height, note, color=INK, va="center")
        faults = "，".join(f"{row.name} {row.faults} 项" for row in shown if row.faults)
        return _picture(
            figure, f"公告转发情况：{len(titles)} 条公告，{len(ordered)} 个单位；未按时转发：{faults or '无'}"
        )


def _draw_cell(axes: Axes, x: int, y: int, cell: Cell) -> None:
    status = STATUSES[cell.status]
    colour = GREENS[bisect(GREEN_HOURS, cell.lag_hours or 0.0)] if cell.status == "in_time" else status.colour
    axes.add_patch(Rectangle((x + 0.02, y + 0.06), 0.96, 0.88, facecolor=colour, edgecolor=AXIS, linewidth=0.4))
    text = (
        f"{cell.lag_hours:.0f}时" if cell.lag_hours is not None and cell.status in ("in_time", "late") else status.mark
    )
    axes.text(x + 0.5, y + 0.52, text, ha="center", va="center", color=status.ink, fontsize=9)


def spread_curve(told: Spread) -> Picture:
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
        axes.text(end, told.obliged * 1.02, f"应转发 {told.obliged} 个单位", ha="right", va="bottom", color="#57606a")
        if told.due is not None:
            axes.axvline(told.due, color="#c0392b", linewidth=1.2)
            axes.text(told.due, told.obliged * 0.04, " 期限", color="#c0392b", va="bottom", ha="right")
        axes.set_xlim(0, end)
        axes.set_ylim(0, max(told.obliged, 1) * 1.15)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("发布后的工作时间（小时，工作日按 24 小时计）", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        figure.text(0.07, 0.93, f"《{_short(told.title, 38)}》转发进度", color=INK, fontsize=11, va="center")
        in_time = sum(told.due is None or lag <= told.due for lag in lags)
        said = f"《{told.title}》：应转发 {told.obliged} 个单位，已转发 {len(lags)} 个，其中按时 {in_time} 个"
        return _picture(figure, said)


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
