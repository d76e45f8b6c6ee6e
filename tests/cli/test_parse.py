"""`gzcrawl parse` and `gzcrawl capture`: how a user reports a page that is read wrongly."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fixtures.cases import Case, cases
from gzcrawl.capture import read_capture, write_capture
from gzcrawl.sources import Page
from gzcrawl.sources.registry import PARSERS
from scheduler.cli import main

ALL = cases("weibo", "sogou", "wechat", "govsite", "feed", "official")
FIELDS = {
    "published_at", "precision", "pinned", "title", "text", "author_id", "author_name", "repost_of", "source_label",
}  # fmt: skip


def parsed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert main(["parse", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"source", "outcome", "reason", "items"} <= told.keys()
    return told  # type: ignore[no-any-return]


@pytest.mark.parametrize("source", PARSERS)
def test_every_source_reads_a_saved_page_into_one_json_object(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = next(case for case in ALL if case.source == source and case.expected["outcome"] == "ok")
    saved = tmp_path / "page"
    saved.write_bytes(case.request["body"])
    told = parsed(capsys, source, str(saved), "--now", case.fetched_at.isoformat(), "--url", case.request["url"])
    assert (told["source"], told["outcome"]) == (source, "ok")
    for item in told["items"]:  # type: ignore[attr-defined]
        if "precision" in item and "replies_total" not in item:  # a post
            assert item.keys() >= FIELDS
            assert item["published_at"] is None or datetime.fromisoformat(item["published_at"]).utcoffset() is not None
            assert item["published_at"] is None or item["published_at"].endswith("+00:00")


def recorded(name: str) -> Case:
    return next(case for case in ALL if case.name == name)


def test_a_capture_is_parsed_by_its_own_address_and_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = recorded("weibo/timeline-relative-times")
    saved = tmp_path / "page.warc"
    write_capture(saved, Page(**case.request), case.fetched_at)
    told = parsed(capsys, case.source, str(saved))
    assert [i["published_at"] for i in told["items"]] == [  # type: ignore[attr-defined]
        i["published_at"] for i in case.expected["items"]
    ]


def in_one_file(page: Page) -> bytes:
    """As Chromium saves 网页，单个文件."""
    message = MIMEMultipart("related")
    message["Snapshot-Content-Location"] = page.url
    message["Date"] = "Mon, 13 Oct 2025 01:00:00 -0000"
    part = MIMEText(page.body.decode(), "html", "utf-8")
    part["Content-Location"] = page.url
    message.attach(part)
    return message.as_bytes()


SAVED = {
    "as it is": lambda page: page.body,
    "with headers": lambda page: (
        b"HTTP/2 302 \r\nlocation: /x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page.body
    ),
    "gzipped": lambda page: gzip.compress(page.body),
    "gzipped with headers": lambda page: b"HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n" + gzip.compress(page.body),
    "in one file": in_one_file,
    "with a mark of UTF-8": lambda page: b"\xef\xbb\xbf" + page.body,
    "in UTF-16": lambda page: page.body.decode().encode("utf-16"),
}


@pytest.mark.parametrize("how", SAVED)
def test_a_page_is_read_however_a_person_saved_it(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = recorded("govsite/article-trs")
    saved = tmp_path / "page"
    saved.write_bytes(SAVED[how](Page(**case.request)))
    told = parsed(capsys, case.source, str(saved), "--now", case.fetched_at.isoformat())
    assert told["outcome"] == "ok"
    assert told["items"][0]["title"] == case.expected["items"][0]["title"]  # type: ignore[index]


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 50, b"WARC/1.1 broken", b"{" * 10_000, "乱码".encode("gb18030")])
def test_garbage_is_an_outcome_or_a_sentence_never_a_traceback(
    body: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "page"
    saved.write_bytes(body)
    for source in PARSERS:
        code = main(["parse", source, str(saved)])
        out, err = capsys.readouterr()
        if code:
            assert "不是完好的网页存档" in err
        else:
            assert json.loads(out)["outcome"] not in ("ok", "empty")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["weibo.nothing", "x"], "没有名为 'weibo.nothing' 的来源；可用的来源：weibo.timeline"),
        (["weibo.timeline", "/nowhere/x"], "不能读取 /nowhere/x"),
    ],
)
def test_a_wrong_argument_is_told_with_what_is_allowed(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["parse", *arguments]) != 0
    assert said in capsys.readouterr().err


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Set-Cookie", "SESSION=verysecret")
        self.end_headers()
        self.wfile.write(b"" if self.path == "/robots.txt" else "<html><title>通知</title></html>".encode())

    def log_message(self, *_arguments: object) -> None: ...


def test_a_capture_keeps_the_answer_without_its_cookies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    Thread(target=server.serve_forever, daemon=True).start()
    saved = tmp_path / "page.warc"
    # Through a proxy, as the sandbox does it: own addresses are refused.
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    try:
        command = [
            sys.executable,
            "-m",
            "scheduler.cli",
            "capture",
            "http://nyj.zhangjiang.example/tz",
            "-o",
            str(saved),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        server.shutdown()
        server.server_close()
    assert done.returncode == 0, done.stderr
    assert b"verysecret" not in saved.read_bytes()
    with saved.open("rb") as file:
        found = read_capture(file, 1_000_000)
    assert found is not None
    assert (found[0].url, found[0].status) == ("http://nyj.zhangjiang.example/tz", 200)
    assert found[0].body.decode() == "<html><title>通知</title></html>"
