"""The main job, whole: a patrol over the sandbox city on real parts, and what it survives."""

from __future__ import annotations

import email
import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import zipfile
from email import policy
from pathlib import Path
from typing import Any

import pytest

from bench.reposts_seeds import differences
from fixtures.city import City
from gzcrawl.evidence import EvidenceStore
from gzcrawl.mongod import Embedded
from gzcrawl.store import suggestions
from gzcrawl.store.connect import connect
from scheduler.evidence.seal import SEALED, verify

COMMAND = [sys.executable, "-m", "scheduler.cli", "patrol", "--sandbox"]


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GZCRAWL_") and not k.lower().endswith("_proxy")}
    return {**kept, "GZCRAWL_DATA": str(folder)}


def patrol(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(COMMAND, env=environment(folder), capture_output=True, text=True, timeout=180, check=False)


def contents(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every document of the sandbox's database but its locks; its evidence and audit trail hold."""
    with Embedded(folder) as embedded, connect(embedded.uri) as db:
        collections = sorted(set(db.list_collection_names()) - {"locks", "chains"})
        found = {name: sorted(db[name].find(), key=lambda d: str(d["_id"])) for name in collections}
        assert verify(db, EvidenceStore(folder)).problems == ()
    for capture in found["captures"]:
        del capture["headers"]  # the server's Date
    for probe in found["site_probes"]:
        probe["facts"].pop("seconds", None)  # until the answer came
        probe["facts"].pop("pem", None)  # the city's CA is made anew
    # A resumed round is sealed again when it saw more.
    found["audit"] = [entry for entry in found["audit"] if entry["change"] != SEALED]
    for entry in found["audit"]:
        del entry["seq"], entry["prev"], entry["hash"]
    for entry in found["outbox"]:
        del entry["attempts"], entry["message"]  # MIME boundaries are random
    for post in found["posts"]:
        del post["version"]  # counts writes
    for entry in found["rounds"]:
        entry.pop("sources", None)  # figures of the last crawl process
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("sandbox")
    return folder, patrol(folder)


@pytest.fixture(scope="module")
def left(first: Any) -> dict[str, Any]:
    """What the patrol left in the database, before anybody handed out evidence of it: that seals the pictures it makes."""
    return contents(first[0])


def test_every_planted_violation_is_found_and_nobody_else_accused(first: Any) -> None:
    _folder, done = first
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"truth: planted (\d+), found \1, missed 0, false 0(, deferred \d+)?", last), (
        done.stdout + done.stderr
    )
    assert done.returncode == 0


def test_what_the_polls_record_does_not_bury_the_console(first: Any) -> None:
    """The city has hosts that do not answer and certificates that are wrong."""
    _folder, done = first
    assert "巡查完" in done.stderr
    assert not re.search(r"Traceback|\[scrapy\.|\[py\.warnings\]", done.stderr), done.stderr


def test_exactly_one_digest_reaches_the_clerk(first: Any) -> None:
    folder, _done = first
    (received,) = (folder / "inbox").glob("*.eml")
    mail = email.message_from_bytes(received.read_bytes(), policy=policy.default)
    assert mail["To"] == "clerk@zhangjiang.example"
    assert "未整改" in mail["Subject"]
    assert "僵尸账号" in mail.get_body(("plain",)).get_content()


def test_what_an_alert_rests_on_can_be_handed_out(first: Any, left: Any, tmp_path: Path) -> None:
    folder, _done = first

    def gzcrawl(*args: str) -> str:
        command = [sys.executable, "-m", "scheduler.cli", *args]
        done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    assert "没有发现改动" in gzcrawl("evidence", "verify")
    for rule in ("dormant", "qr_code"):
        alerts = json.loads(gzcrawl("alerts", "list", "--json"))
        alert = next(a for a in alerts if a["rule"] == rule and a["verdict"] == "violation")
        assert "原件 1" in gzcrawl("evidence", "show", alert["_id"])
        gzcrawl("evidence", "export", alert["_id"], "-o", str(tmp_path / f"{rule}.zip"))
        with zipfile.ZipFile(tmp_path / f"{rule}.zip") as archive:
            assert any(name.startswith("原文/") for name in archive.namelist())
            assert alert["reason"] in html.unescape(archive.read("说明.html").decode())


def test_running_it_again_changes_nothing_and_mails_nothing(first: Any) -> None:
    folder, _done = first
    before = contents(folder)
    again = patrol(folder)
    assert again.returncode == 0, again.stderr
    assert contents(folder) == before
    assert len(list((folder / "inbox").glob("*.eml"))) == 1


def test_a_second_patrol_at_the_same_time_is_refused_cleanly_and_the_first_is_right(tmp_path: Path) -> None:
    first = subprocess.Popen(
        COMMAND, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with first:
        assert first.stderr is not None
        for line in first.stderr:
            if "第 " in line:  # it has the lease
                break
        second = patrol(tmp_path)
        out, _err = first.communicate(timeout=180)
    assert second.returncode == 75
    assert "正在运行" in second.stderr
    assert "missed 0, false 0" in out


def test_a_patrol_killed_anywhere_ends_with_the_same_database_and_one_digest(left: Any, tmp_path: Path) -> None:
    chance = random.Random(20251013)
    for _ in range(5):
        killed = subprocess.Popen(
            COMMAND, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            killed.wait(chance.uniform(0.5, 6.0))
        except subprocess.TimeoutExpired:
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
    done = patrol(tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == left
    assert len(list((tmp_path / "inbox").glob("*.eml"))) == 1


def test_every_repost_is_judged_as_it_is_and_a_text_many_carry_is_only_suggested(first: Any) -> None:
    folder, _done = first
    with Embedded(folder) as embedded, connect(embedded.uri) as db:
        assert differences(City(), db) == []
        (suggestion,) = suggestions.listed(db)
        assert len(suggestion["departments"]) == 5
        assert {row["status"] for row in db.reposts.find()} >= {
            "in_time",
            "late",
            "missing",
            "pending",
            "unknown",
            "exempt",
        }
