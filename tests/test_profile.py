"""Profiles."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from scheduler.assessment import tariff_of
from scheduler.findings import Severity
from scheduler.profile import ProfileError, load_profile
from scheduler.rules import RULES


def own(tmp_path: Path, text: str) -> str:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_city_says_fifteen_days_and_the_state_two_weeks() -> None:
    assert load_profile("ganzhou").rule("dormant").integer("days") == 15
    assert load_profile("national-2019").rule("dormant").integer("days") == 14


def test_an_operators_profile_overrides_single_values_and_says_so(tmp_path: Path) -> None:
    file = own(tmp_path, 'extends = "national-2019"\n[rules.dormant]\nwarn_days = 7\n')
    origins = {key: (value, origin) for key, value, origin in load_profile(file)}
    assert origins["rules.dormant.warn_days"] == (7, file)
    assert origins["rules.dormant.days"] == (14, "national-2019")
    assert origins["rules.repost_lag.workdays"] == (1, "ganzhou")


def test_an_unknown_key_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"rules\.dormant\.day.*是不是 rules\.dormant\.days"):
        load_profile(own(tmp_path, "[rules.dormant]\nday = 10\n"))


@pytest.mark.parametrize("line", ['days = "ten"', "days = true", "severity = 3"])
def test_a_value_of_the_wrong_kind_is_an_error(tmp_path: Path, line: str) -> None:
    with pytest.raises(ProfileError, match="应为"):
        load_profile(own(tmp_path, f"[rules.dormant]\n{line}\n"))


@pytest.mark.parametrize("name", ["nowhere", "/nowhere/own.toml"])
def test_a_profile_that_is_not_there_names_those_that_are(name: str) -> None:
    with pytest.raises(ProfileError, match="ganzhou"):
        load_profile(name)


def test_every_rule_has_its_settings_and_its_sentences_name_only_facts_in_braces() -> None:
    profile = load_profile()
    for rule in RULES:
        settings = profile.rule(rule.meta.id)
        assert settings.severity >= 0
        for text in settings.values["texts"].values():
            assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text))


def test_the_assessment_has_a_weight_and_a_limit_for_every_rule() -> None:
    tariff = tariff_of(load_profile())
    ids = {rule.meta.id for rule in RULES}
    assert set(tariff.weights) == set(tariff.at_most) == ids
    assert set(tariff.once) == set(tariff.per_day) == {grade.name.lower() for grade in Severity}
