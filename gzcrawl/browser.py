"""Which Chromium is used and how it is started. Nothing here starts one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from gzcrawl import leftovers

ENV = "GZCRAWL_BROWSER"
"""Path of the browser to use; "none" switches the rendered looks off."""

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""On PATH, best first: the headless shell shows the same and takes a quarter less memory (bench/render.py)."""

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    # A page must not find a way around the proxy that keeps it out of the office's own network.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)


def launch_options() -> dict[str, Any] | None:
    """Arguments for Playwright's `chromium.launch`, or None when this machine has no browser.

    Behind a proxy (`https_proxy`) the browser uses it too.
    """
    executable = find()
    if executable is None:
        return None
    arguments = [*FLAGS, leftovers.mark()]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root otherwise
    proxy = os.environ.get("https_proxy")
    if proxy:
        arguments.append(f"--proxy-server={proxy}")
    return {"executable_path": str(executable), "args": arguments, "headless": True}


def find() -> Path | None:
    """The browser the operator named, else Playwright's own, else the system's."""
    named = os.environ.get(ENV)
    if named:
        return Path(named) if named != "none" and Path(named).is_file() else None
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or str(Path.home() / ".cache" / "ms-playwright")
    for candidate in sorted(Path(home).glob("chromium*/chrome-linux*/*"), reverse=True):
        if candidate.name in ("chrome", "headless_shell", "chrome-headless-shell"):
            return candidate
    return next((Path(path) for path in map(shutil.which, NAMES) if path), None)
