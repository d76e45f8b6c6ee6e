"""The assessment as a workbook: the ranking with its chart, and every point taken with the lapse it was taken for."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from gzcrawl.registry import Registry
from scheduler.assessment import Score
from scheduler.notify.sheets import fill

RANKING = (("名次", 6), ("单位", 36), ("得分", 8), ("扣分", 8), ("扣分项", 8), ("可核实比例", 12), ("备注", 60))
DEDUCTIONS = (
    ("单位", 36), ("规则", 16), ("扣分", 8), ("限额前", 8), ("起", 12), ("止", 12), ("天数", 6), ("未能核实天数", 12), ("等级", 8),
    ("说明", 80), ("编号", 50),
)  # fmt: skip
GRADES = ("信息", "低", "中", "高", "严重")


def workbook(scores: Sequence[Score], registry: Registry, titles: Mapping[str, str]) -> bytes:
    """An .xlsx with the sheets 排名 and 扣分明细."""
    names = registry.department_names
    book = Workbook()
    del book["Sheet"]
    ranking = book.create_sheet("排名")
    fill(ranking, RANKING, [_rank_row(score, names) for score in scores])
    if scores:
        ranking.add_chart(_chart(ranking, len(scores)), "I2")
    fill(book.create_sheet("扣分明细"), DEDUCTIONS, [row for score in scores for row in _rows(score, names, titles)])
    buffer = io.BytesIO()
    book.save(buffer)
    book.close()
    return buffer.getvalue()


def _rank_row(score: Score, names: Mapping[str, str]) -> tuple[str | float, ...]:
    taken = round(sum(d.points for d in score.deductions), 2)
    return (
        score.rank,
        names.get(score.department, score.department),
        score.points,
        taken,
        len(score.deductions),
        f"{score.observed:.0%}",
        "\n".join(score.notes),
    )


def _rows(score: Score, names: Mapping[str, str], titles: Mapping[str, str]) -> list[tuple[str | float, ...]]:
    return [
        (
            names.get(score.department, score.department),
            titles.get(d.lapse.rule, d.lapse.rule),
            d.points,
            d.uncapped,
            d.lapse.first.isoformat(),
            d.lapse.last.isoformat(),
            d.lapse.days,
            d.lapse.unobserved,
            GRADES[d.lapse.severity],
            d.lapse.reason,
            f"{d.lapse.rule}|{d.lapse.subject}",
        )
        for d in score.deductions
    ]


def _chart(sheet: Worksheet, rows: int) -> BarChart:
    """Points by department, the best on top."""
    chart = BarChart()
    chart.type, chart.style, chart.legend = "bar", 10, None
    chart.title = "得分"
    chart.add_data(Reference(sheet, min_col=3, min_row=2, max_row=rows + 1))
    chart.set_categories(Reference(sheet, min_col=2, min_row=2, max_row=rows + 1))
    chart.y_axis.scaling.min, chart.x_axis.scaling.orientation = 0, "maxMin"
    chart.height, chart.width = max(6, rows), 22
    return chart
