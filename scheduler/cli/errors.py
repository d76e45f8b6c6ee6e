"""Errors of the command line."""

from __future__ import annotations


class CliError(Exception):
    """One line for the person at the console: what happened, to which target, what to do."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def not_found(what: str, id: str, command: str) -> CliError:
    """There is no `what` with that id; `gzcrawl COMMAND` lists those there are."""
    return CliError(f"没有编号为 {id!r} 的{what}；用 gzcrawl {command} 查看")


def no_department(id: str) -> CliError:
    return CliError(f"台账里没有单位 {id!r}；用 gzcrawl registry export 查看编号")
