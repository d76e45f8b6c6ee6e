"""Errors of the command line."""

from __future__ import annotations


class CliError(Exception):
    """One line for the person at the console: what happened, to which target, what to do."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
