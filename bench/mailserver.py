"""A mail server in a process of its own, to be killed: it notes each Message-ID on disk before it says that it has the mail.

python bench/mailserver.py PORT FILE
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

THINKS = 0.1
"""Seconds between having the mail and saying so: the time in which a kill makes the sender send again."""


class Notes:
    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        os.write(self.file, f"{message_from_bytes(envelope.content)['Message-ID']}\n".encode())
        os.fsync(self.file)
        await asyncio.sleep(THINKS)
        return "250 OK"


def main() -> None:
    controller = Controller(Notes(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM})
    controller.stop()


if __name__ == "__main__":
    main()
