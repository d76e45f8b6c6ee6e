"""The page about the rules."""

from __future__ import annotations

from pathlib import Path

from scheduler.profile import load_profile
from scheduler.rules import RULES
from scheduler.rules.document import document

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_rules_say_of_themselves() -> None:
    assert (ROOT / "docs/rules.md").read_text(encoding="utf-8") == document(load_profile()), (
        "run: gzcrawl rules document > docs/rules.md"
    )


def test_every_rule_has_its_module_its_test_and_its_settings() -> None:
    for rule in RULES:
        assert (ROOT / f"scheduler/rules/{rule.meta.id}.py").is_file()
        assert (ROOT / f"tests/rules/test_{rule.meta.id}.py").is_file()
        assert load_profile().rule(rule.meta.id).values["texts"]
