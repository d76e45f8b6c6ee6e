"""The folder tree is the data flow: an import against docs/design.md fails here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BASE = {"gzcrawl.items"}
STORE = BASE | {"gzcrawl.registry", "gzcrawl.store", "gzcrawl.mongod", "gzcrawl.clock", "gzcrawl.privacy"}
JUDGING = BASE | {"gzcrawl.registry", "scheduler.calendar", "scheduler.findings", "scheduler.profile"}
ALL = {"gzcrawl", "scheduler", "fixtures"}

MAY_IMPORT: dict[str, set[str]] = {
    "gzcrawl/items": BASE,
    "gzcrawl/clock.py": set(),
    "gzcrawl/privacy.py": BASE,
    "gzcrawl/messages.py": set(),
    "gzcrawl/mongod.py": set(),
    "gzcrawl/browser.py": {"gzcrawl.leftovers"},
    "gzcrawl/probes": BASE | {"gzcrawl.registry", "gzcrawl.sources", "gzcrawl.probes"},
    "gzcrawl/registry": BASE | {"gzcrawl.registry"},
    "gzcrawl/sources": BASE | {"gzcrawl.sources", "gzcrawl.messages"},
    "gzcrawl/qr": BASE | {"gzcrawl.registry", "gzcrawl.qr", "gzcrawl.browser"},
    "gzcrawl/store": STORE,
    "gzcrawl": {"gzcrawl"},
    "scheduler/calendar.py": BASE,
    "scheduler/findings.py": set(),
    "scheduler/profile": {"scheduler.profile", "scheduler.findings"},
    "gzcrawl/coverage.py": BASE,
    "scheduler/matching": BASE | {"scheduler.matching"},
    "scheduler/rules": JUDGING
    | {"scheduler.rules", "gzcrawl.coverage", "scheduler.matching", "gzcrawl.qr.payload"}
    | {"gzcrawl.qr.prominence", "gzcrawl.qr.verdict"},
    "scheduler/alerts": STORE | JUDGING | {"scheduler.alerts"},
    "scheduler/notify": STORE | JUDGING | {"scheduler.notify", "scheduler.alerts"},
    "scheduler": ALL,
    "fixtures": BASE | {"gzcrawl.registry", "gzcrawl.clock", "gzcrawl.sources", "fixtures"},
}
"""The longest matching prefix of a file's path counts."""

PURE = (
    "gzcrawl/sources",
    "gzcrawl/probes",
    "gzcrawl/registry/model.py",
    "scheduler/rules",
    "scheduler/matching",
    "scheduler/calendar.py",
    "scheduler/assessment.py",
)
IO_LIBRARIES = {"scrapy", "twisted", "pymongo", "requests", "socket", "subprocess", "smtplib", "playwright", "asyncio"}

FILES = sorted(p for top in ("gzcrawl", "scheduler", "fixtures") for p in (ROOT / top).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_imports_only_what_its_layer_may(path: Path) -> None:
    relative = str(path.relative_to(ROOT))
    allowed = MAY_IMPORT[max((prefix for prefix in MAY_IMPORT if relative.startswith(prefix)), key=len)]
    ours = {name for name in imports(path) if name.split(".")[0] in ALL and name not in ALL}
    assert not {n for n in ours if not any(n == a or n.startswith(f"{a}.") or a.startswith(f"{n}.") for a in allowed)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_pure_layer_does_no_io(path: Path) -> None:
    if str(path.relative_to(ROOT)).startswith(PURE):
        assert not {name.split(".")[0] for name in imports(path)} & IO_LIBRARIES


def test_there_is_no_folder_for_leftovers() -> None:
    names = {part for path in FILES for part in path.relative_to(ROOT).parts}
    assert not names & {"utils", "helpers", "common", "misc", "utils.py", "helpers.py", "common.py", "misc.py"}
