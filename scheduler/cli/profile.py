"""`gzcrawl profile`: thresholds and sentences, and where each comes from."""

from __future__ import annotations

import argparse

from scheduler.cli.errors import CliError
from scheduler.profile import DEFAULT, ProfileError, load_profile


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    profile = subparsers.add_parser("profile", help="方案：各条规则的阈值、等级和措辞")
    actions = profile.add_subparsers(metavar="动作", required=True)
    show = actions.add_parser("show", help="列出每个设置项及其出处")
    show.add_argument("profile", nargs="?", default=DEFAULT, help="方案名或 TOML 文件（默认 ganzhou）")
    show.set_defaults(run=run_show)


def run_show(args: argparse.Namespace) -> int:
    try:
        for key, value, origin in load_profile(args.profile):
            print(f"{key} = {value!r}  # {origin}")
    except ProfileError as error:
        raise CliError(str(error)) from error
    return 0
