"""`GZCRAWL_PING_URL`: a check at healthchecks.io or a server of its kind, which raises the alarm when we fall silent.

As there: `URL/start` when a round begins, `URL` when it went well, `URL/fail` when not, with what is to be said as the body.
"""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable

ENV = "GZCRAWL_PING_URL"
TIMEOUT = 10.0
LONGEST = 10_000


def ping(signal: str, text: str = "", *, say: Callable[[str], None] = print) -> None:
    """`signal`: "", "/start" or "/fail". A ping that fails is said and hurts nothing else."""
    base = os.environ.get(ENV, "").strip().rstrip("/")
    if not base:
        return
    if not base.startswith(("http://", "https://")):
        say(f"{ENV} 不是 http(s) 地址，没有报到")
        return
    data = text.encode(errors="replace")[:LONGEST]
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        request = urllib.request.Request(base + signal, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 -- http(s), see above
            answer.read(1000)
    except urllib.error.HTTPError as error:
        with error:
            say(f"报到没有成功：{ENV} 回答 HTTP {error.code}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        # Not the address: whoever knows it can report in our name.
        say(f"报到没有成功：{getattr(error, 'reason', type(error).__name__)}；请检查 {ENV}")
