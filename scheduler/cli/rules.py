"""`gzcrawl rules`: the page that documents the rules."""

from __future__ import annotations

import argparse

from scheduler.profile import load_profile
from scheduler.rules.document import document


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rules = subparsers.add_parser("rules", help="规则：输出规则说明（docs/rules.md）")
    actions = rules.add_subparsers(metavar="动作", required=True)
    actions.add_parser("document", help="以 Markdown 输出各条规则的说明").set_defaults(run=run_document)


def run_document(_args: argparse.Namespace) -> int:
    print(document(load_profile()), end="")
    return 0
