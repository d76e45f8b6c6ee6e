"""What commands print. Names, titles and posts are others' texts: a control character in them is shown, not obeyed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

CONTROLS = (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""All but tab and new line; the last two ranges turn the direction of writing."""

UNDATED = "时间不明"
"""Where `scheduler.notify.texts.when` has nothing to say."""

_SHOWN = dict.fromkeys(CONTROLS, "\N{REPLACEMENT CHARACTER}")


class _Harmless:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.translate(_SHOWN))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def harmless() -> Iterator[None]:
    """Nothing printed inside moves the cursor, colours the screen or retitles the terminal."""
    out, err = cast(TextIO, _Harmless(sys.stdout)), cast(TextIO, _Harmless(sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield
