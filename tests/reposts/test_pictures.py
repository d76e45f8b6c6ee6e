"""The pictures of reposts, whatever there is to draw."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from scheduler.notify.charts import MOST_ROWS, WIDTH, Cell, Row, Spread, heat_map, spread_curve
from scheduler.notify.statuses import STATUSES


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 1), (60, 30)])
def test_a_heat_map_is_as_wide_as_a_mail_and_names_the_faults(rows: int, columns: int) -> None:
    every = [Cell(status, 3.0) for status in STATUSES]
    made = [Row(f"单位{n}", tuple(every[(n + c) % len(every)] for c in range(columns))) for n in range(rows)]
    drawn = heat_map([f"关于第{n}号事项的通知" for n in range(columns)], made)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert image.width == 2 * WIDTH
        assert image.height < 2 * (150 + 26 * MOST_ROWS)
    assert f"{rows} 个单位" in drawn.alt
    assert heat_map([f"关于第{n}号事项的通知" for n in range(columns)], made) == drawn


@pytest.mark.parametrize(
    "told", [Spread("题", (), 0), Spread("题", (0.0, 1.5, 30.0), 5, 33.0), Spread("长" * 90, (2.0,), 1)]
)
def test_a_spread_curve_says_how_many_reposted_and_how_many_in_time(told: Spread) -> None:
    drawn = spread_curve(told)
    assert f"已转发 {len(told.lags)} 个" in drawn.alt
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert image.width == 2 * WIDTH
