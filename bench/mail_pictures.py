"""The digest as a person sees it: an HTML file in Chromium, as wide as a telephone and as a desktop's reading pane.

    python bench/mail_pictures.py [DIGEST.html] [--to docs/img]

Without a file the sandbox's own digest is made first.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from gzcrawl.browser import launch_options

WIDTHS = {"phone": 375, "desktop": 800}
TALL = 1400
"""How much of it goes into the docs."""


def sandbox_digest(folder: Path) -> Path:
    command = [sys.executable, "-m", "scheduler.cli", "patrol", "--sandbox"]
    subprocess.run(command, env={**os.environ, "GZCRAWL_DATA": str(folder)}, stdout=subprocess.DEVNULL, check=True)
    return next((folder / "digests").glob("*.html"))


def shoot(page_file: Path, target: Path) -> None:
    options = launch_options()
    if options is None:
        raise SystemExit("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for name, width in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto(page_file.resolve().as_uri())
            wide = page.evaluate("document.documentElement.scrollWidth")
            shot = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": TALL})
            with Image.open(io.BytesIO(shot)) as image:
                image.quantize(256).save(target / f"mail-{name}.png", optimize=True)
            print(f"{name}: {width} px, content {wide} px wide")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("digest", nargs="?", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/img"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shoot(args.digest or sandbox_digest(Path(folder)), args.to)


if __name__ == "__main__":
    main()
