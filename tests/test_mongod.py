"""The embedded MongoDB, with a real mongod."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from gzcrawl import mongod
from gzcrawl.mongod import Embedded, MongodError
from gzcrawl.store.connect import connect


def test_it_supports_transactions_and_is_stopped_by_its_starter(tmp_path: Path) -> None:
    with Embedded(tmp_path) as embedded, connect(embedded.uri) as db:
        with db.client.start_session() as session, session.start_transaction():
            db.things.insert_one({"_id": 1}, session=session)
        assert db.things.count_documents({}) == 1
        pid = embedded._pid()
        assert pid is not None
    assert embedded._pid() is None
    assert not embedded.socket.exists()


def test_it_listens_on_a_unix_socket_only(tmp_path: Path) -> None:
    with Embedded(tmp_path) as embedded:
        pid = embedded._pid()
        sockets = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
        inodes = {s[8:-1] for s in sockets if s.startswith("socket:")}
        listening = [
            line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()
        ]
        assert not [row for row in listening if len(row) > 9 and row[9] in inodes]


def test_two_users_share_one_and_the_last_stops_it(tmp_path: Path) -> None:
    with Embedded(tmp_path) as first:
        with Embedded(tmp_path) as second:
            assert second._pid() == first._pid()
        with connect(first.uri) as db:
            assert db.command("ping")
    assert first._pid() is None


def test_data_survives_a_kill_9(tmp_path: Path) -> None:
    with Embedded(tmp_path) as embedded:
        with connect(embedded.uri) as db:
            db.things.insert_one({"_id": 1})
        os.kill(embedded._pid() or 0, signal.SIGKILL)
        with Embedded(tmp_path) as again, connect(again.uri) as db:
            assert db.things.find_one() == {"_id": 1}


def test_an_orphan_is_picked_up_and_stopped(tmp_path: Path) -> None:
    orphaned = Embedded(tmp_path).__enter__()
    assert orphaned._users is not None
    orphaned._users.close()  # what the kernel does when the starter is killed
    pid = orphaned._pid()
    with Embedded(tmp_path) as embedded:
        assert embedded._pid() == pid
    assert embedded._pid() is None


def test_without_a_binary_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MongodError, match="GZCRAWL_MONGO_URI"), Embedded(tmp_path):
        pass


def test_data_files_it_cannot_read_end_in_one_clear_error(tmp_path: Path) -> None:
    broken = tmp_path / "mongo" / "db"
    broken.mkdir(parents=True)
    (broken / "storage.bson").write_bytes(b"garbage")
    with pytest.raises(MongodError, match=r"mongod\.log"), Embedded(tmp_path):
        pass
