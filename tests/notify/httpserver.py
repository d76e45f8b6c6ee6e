"""A real HTTP server on loopback that keeps what is posted to it, and can be told what to answer."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Receiver:
    def __init__(self) -> None:
        self.status, self.answer = 200, json.dumps({"errcode": 0, "errmsg": "ok"}).encode()
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []


@contextlib.contextmanager
def receiver() -> Iterator[tuple[Receiver, str]]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = _read(self.headers["Content-Type"], sent)
            state.got.append((self.path, dict(self.headers), body))
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state, f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _read(kind: str, sent: str) -> dict[str, Any]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: values[0] for name, values in parse_qs(sent).items()}
    return {"text": sent} if kind.startswith("text/plain") else json.loads(sent)  # type: ignore[no-any-return]
