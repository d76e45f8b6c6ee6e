"""Profiles: every threshold, weight, severity, grace and sentence of the rules, in TOML.

`ganzhou` is the default, `national-2019` the national line. An operator's own file names what it `extends` and overrides
single values; a key that the base does not have is an error with a suggestion.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from scheduler.findings import Severity

DEFAULT = "ganzhou"


class ProfileError(ValueError):
    """The profile cannot be used; the message names file, key and what is allowed."""


@dataclass(frozen=True)
class RuleProfile:
    """One rule's part of a profile."""

    rule: str
    values: Mapping[str, Any]

    def number(self, name: str) -> float:
        return float(self.values[name])

    def integer(self, name: str) -> int:
        return int(self.values[name])

    def word(self, name: str) -> str:
        return str(self.values[name])

    def flag(self, name: str) -> bool:
        return bool(self.values[name])

    @cached_property
    def severity(self) -> Severity:
        return Severity[str(self.values["severity"]).upper()]

    def text(self, name: str, /, **facts: object) -> str:
        """The sentence `texts.NAME` with its placeholders filled."""
        return str(self.values["texts"][name]).format(**facts)


@dataclass(frozen=True)
class Profile:
    """`origins`: dotted key -> the profile or file its value comes from."""

    name: str
    values: Mapping[str, Any]
    origins: Mapping[str, str]

    def rule(self, id: str) -> RuleProfile:
        return RuleProfile(id, self.values["rules"][id])

    def __iter__(self) -> Iterator[tuple[str, Any, str]]:
        """(dotted key, value, where it comes from), in the order of the default profile."""
        for key, value in _flat(self.values):
            yield key, value, self.origins[key]


def load_profile(name_or_path: str = DEFAULT) -> Profile:
    """A profile by name (`ganzhou`, `national-2019`) or from a TOML file."""
    own, label = _read(name_or_path)
    base = own.pop("extends", None if name_or_path == DEFAULT else DEFAULT)
    if base is None:
        return Profile(name_or_path, own, {key: label for key, _value in _flat(own)})
    parent = load_profile(str(base))
    values, origins = _copy(parent.values), dict(parent.origins)
    for key, value in _flat(own):
        _override(values, key, value, label, known=origins)
        origins[key] = label
    return Profile(name_or_path, values, origins)


def _read(name_or_path: str) -> tuple[dict[str, Any], str]:
    built_in = resources.files(__package__) / f"{name_or_path}.toml"
    try:
        if "/" not in name_or_path and built_in.is_file():
            return tomllib.loads(built_in.read_text(encoding="utf-8")), name_or_path
        return tomllib.loads(Path(name_or_path).read_text(encoding="utf-8")), name_or_path
    except FileNotFoundError:
        raise ProfileError(f"没有方案 {name_or_path!r}；可用 ganzhou、national-2019，或一个 TOML 文件的路径") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ProfileError(f"方案 {name_or_path} 读不了：{error}") from error


def _override(values: dict[str, Any], key: str, value: Any, label: str, known: Mapping[str, str]) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"，是不是 {near[0]}？" if near else ""
        raise ProfileError(f"方案 {label} 中没有设置项 {key}{hint}")
    *parents, name = key.split(".")
    for parent in parents:
        values = values[parent]
    expected = (
        float if isinstance(values[name], int | float) and not isinstance(values[name], bool) else type(values[name])
    )
    if not isinstance(value, int | float if expected is float else expected) or isinstance(value, bool) != (
        expected is bool
    ):
        raise ProfileError(f"方案 {label} 的 {key} 应为{_KINDS[expected]}，不能是 {value!r}")
    values[name] = value


_KINDS = {float: "数字", str: "文字", bool: " true 或 false", list: "列表"}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copy(value) if isinstance(value, Mapping) else value for name, value in values.items()}
