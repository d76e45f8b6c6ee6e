"""What goes wrong is told in one clear line, with an exit code, and without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GZCRAWL_")}
    environment = {**kept, "GZCRAWL_DATA": str(folder), **variables}
    command = [sys.executable, "-m", "scheduler.cli", *args]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_a_mongodb_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    unreachable = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500"
    line = one_line(run(tmp_path, "patrol", GZCRAWL_MONGO_URI=unreachable))
    assert line.startswith("gzcrawl: 连接不上 MongoDB（127.0.0.1:9）")
    assert "GZCRAWL_MONGO_URI" in line


def test_a_uri_that_is_none_is_named(tmp_path: Path) -> None:
    assert "不是有效的 MongoDB 连接串" in one_line(run(tmp_path, "db", "init", GZCRAWL_MONGO_URI="mongodb://a:b:c@x/"))


def test_a_clock_without_a_zone_is_refused(tmp_path: Path) -> None:
    assert "没有时区" in one_line(run(tmp_path, "patrol", "--sandbox", "--now", "2025-10-13T09:00:00"))


def test_an_empty_registry_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "patrol")
    assert done.returncode == 1
    assert "gzcrawl registry import" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.xlsx", b"garbage", "r.xlsx"),
        ("r.csv", b"", "只能导入 .xlsx 或 .yaml"),
        ("r.yaml", "departments: [{id: a, name: 甲}, {id: a, name: 乙}]".encode(), "编号重复"),
        ("r.yaml", b"accounts: [{id: a, department: d, platform: douyin, name: x}]", "可填：微博、微信"),
    ],
)
def test_a_registry_that_cannot_be_used_is_one_message_and_nothing_is_imported(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run(tmp_path, "registry", "import", str(tmp_path / name))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.xlsx" in one_line(run(tmp_path, "registry", "import", "nowhere.xlsx"))


def test_a_data_directory_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    line = one_line(run(blocked / "inside", "db", "init"))
    assert "数据目录" in line


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "GZCRAWL_SMTP_HOST"),
        ({"GZCRAWL_SMTP_HOST": "127.0.0.1"}, "GZCRAWL_MAIL_TO"),
        ({"GZCRAWL_SMTP_HOST": "127.0.0.1", "GZCRAWL_MAIL_TO": "a@b.c", "GZCRAWL_SMTP_PORT": "x"}, "GZCRAWL_SMTP_PORT"),
    ],
)
def test_mail_settings_that_are_missing_are_named(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    assert said in one_line(run(tmp_path, "mail", "test", **variables))


def test_an_unknown_profile_names_those_there_are(tmp_path: Path) -> None:
    assert "ganzhou" in one_line(run(tmp_path, "profile", "show", "gansu"))


def test_an_unknown_alert_says_where_to_look(tmp_path: Path) -> None:
    assert "gzcrawl alerts list" in one_line(run(tmp_path, "alerts", "ack", "nothing"))


def test_scrapy_users_find_their_spiders(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], capture_output=True, text=True, timeout=60, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    expected = "comments feed govsite links official website wechat weibo weibo_guest"
    assert done.stdout.split() == expected.split()
