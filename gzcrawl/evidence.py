"""Evidence: the bytes of every answer, once for each content, in files a killed process leaves whole.

`evidence/answers/ab/<sha256 of the body>.warc.gz` is a WARC of one `response` record: the first answer with that body, with its
address, headers and time. Each answer is a `Capture` in MongoDB, which names the file by that hash.
A file is written under another name and moved: it is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from gzcrawl.capture import CaptureError, headers_kept, read_capture, write_record
from gzcrawl.items import Capture
from gzcrawl.sources import Page

PICTURES = "evidence/qr"
"""Screenshots of pages and codes (gzcrawl.spiders.rendered), beside the answers."""

SHOWN = "evidence/shown"
"""Pictures made of stored answers (scheduler.evidence.shown)."""

LEVEL = 1
"""Of compression: a fifth of the CPU of the default for a tenth more bytes."""

LARGEST = 64 * 1024 * 1024


class EvidenceStore:
    """The files under `folder` (the data directory)."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "evidence" / "answers"
        self._data_dir = data_dir

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}.warc.gz"

    def keep(self, page: Page, at: datetime) -> str:
        """Store the answer's bytes if they are new; their SHA-256. `OSError` when they cannot be written."""
        sha256 = hashlib.sha256(page.body).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            plain = io.BytesIO()
            write_record(plain, page, at)
            _write(path, gzip.compress(plain.getvalue(), LEVEL, mtime=0))
        return sha256

    def first(self, sha256: str) -> tuple[Page, datetime]:
        """The first answer with these bytes, and its time. `FileNotFoundError`, `CaptureError` when it is gone, broken."""
        with self.path(sha256).open("rb") as file:
            try:
                found = read_capture(_whole(file), LARGEST)
            except (OSError, EOFError) as error:
                raise CaptureError(f"{self.path(sha256)}：{error}") from error
        if found is None or hashlib.sha256(found[0].body).hexdigest() != sha256:
            raise CaptureError(f"{self.path(sha256)} 的内容与其 SHA-256 不符")
        return found

    def picture(self, name: str) -> bytes | None:
        """A screenshot by its name in the database, relative to the data directory; None when it is gone."""
        path = (self._data_dir / name).resolve()
        if not any(path.is_relative_to((self._data_dir / folder).resolve()) for folder in (PICTURES, SHOWN)):
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None

    def pictures(self) -> Iterator[tuple[str, Path]]:
        """(name, file) of every screenshot."""
        for folder in (PICTURES, SHOWN):
            for path in sorted((self._data_dir / folder).glob("*.webp")):
                yield f"{folder}/{path.name}", path

    def keep_picture(self, name: str, data: bytes) -> None:
        """Store a screenshot under its name."""
        _write(self._data_dir / name, data)

    def written(self, sha256: str) -> datetime:
        return datetime.fromtimestamp(self.path(sha256).stat().st_mtime, UTC)

    def kept(self) -> Iterator[tuple[str, Path]]:
        """(SHA-256, file) of everything stored; what a killed process left unfinished is removed on the way."""
        for path in self.folder.glob("??/*"):
            if path.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
            else:
                yield path.name.partition(".")[0], path


def _write(path: Path, data: bytes) -> None:
    """The file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.write_bytes(data)
    made.replace(path)


def capture(store: EvidenceStore, page: Page, at: datetime, round_id: str, target_id: str, channel: str) -> Capture:
    """Keep an answer; the record of it. `posts` is for the caller to fill."""
    return Capture(
        round_id=round_id,
        target_id=target_id,
        channel=channel,
        url=page.url,
        at=at,
        status=page.status,
        headers=[list(pair) for pair in headers_kept(page)],
        sha256=store.keep(page, at),
        size=len(page.body),
    )


def _whole(file: BinaryIO) -> BinaryIO:
    with gzip.open(file) as plain:
        return io.BytesIO(plain.read(LARGEST + 1))
