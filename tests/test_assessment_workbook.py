"""The assessment as a workbook that a clerk opens."""

from __future__ import annotations

import io
from datetime import date

from openpyxl import load_workbook

from gzcrawl.registry import Department, Registry
from scheduler.assessment import Deduction, Lapse, Score
from scheduler.assessment_workbook import workbook
from scheduler.findings import Severity

LAPSE = Lapse(
    rule="dormant",
    subject="wjw-weibo",
    department="wjw",
    first=date(2025, 9, 1),
    last=date(2025, 9, 3),
    days=3,
    unobserved=1,
    severity=Severity.HIGH,
    reason='=HYPERLINK("http://x")',
)
SCORES = [
    Score(department="jyj", points=100, rank=1),
    Score(department="wjw", points=96.8, rank=2, deductions=(Deduction(LAPSE, 3.2, 3.2),), observed=0.9),
]


def test_ranking_and_every_point_stand_in_it_and_outside_text_is_no_formula() -> None:
    registry = Registry((Department(id="wjw", name="章江市卫生健康委员会"), Department(id="jyj", name="章江市教育局")))
    book = load_workbook(io.BytesIO(workbook(SCORES, registry, {"dormant": "僵尸账号"})))
    assert [row[:4] for row in book["排名"].iter_rows(min_row=2, values_only=True)] == [
        (1, "章江市教育局", 100, 0),
        (2, "章江市卫生健康委员会", 96.8, 3.2),
    ]
    row = list(book["扣分明细"][2])
    assert [cell.value for cell in row[:3]] == ["章江市卫生健康委员会", "僵尸账号", 3.2]
    assert row[9].value == LAPSE.reason
    assert row[9].data_type == "s"
