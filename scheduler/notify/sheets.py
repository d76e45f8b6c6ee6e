"""Worksheets that people open: a header that stays, columns as wide as told, outside text never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

LONGEST = 32_000
"""Excel takes 32,767 characters in a cell."""


def fill(sheet: Worksheet, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str | float]]) -> None:
    """`columns`: (heading, width in characters). Numbers stay numbers, everything else is text."""
    sheet.append([name for name, _width in columns])
    for row in rows:
        sheet.append([cell(value) if isinstance(value, str) else value for value in row])
    for number, (_name, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for heading in sheet[1]:
        heading.font, heading.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F4E79")
    for cells in sheet.iter_rows():
        for one in cells:
            one.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(one.value, str):
                one.data_type = "s"  # outside text that begins with = is text, never a formula
    sheet.freeze_panes = "A2"


def cell(value: str) -> str:
    """Without what Excel refuses."""
    return "".join(c for c in value if c.isprintable() or c == "\n")[:LONGEST]
