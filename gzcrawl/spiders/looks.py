"""What one look for QR codes has gathered, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from gzcrawl.items import Outcome, QrPicture
from gzcrawl.qr.candidates import Candidate, torn
from gzcrawl.sources import Page, Parsed
from gzcrawl.spiders.base import Visit


@dataclass(slots=True, kw_only=True)
class Look:
    """One look for codes at one site: pictures that were read, and what could not be read."""

    visit: Visit  # of the home page
    page: Page
    html: str
    at: datetime
    scripted: bool  # scripts, frames or foreign style sheets may show codes that only a browser sees
    asked: set[str] = field(default_factory=set)  # addresses
    pictures: list[tuple[Candidate, QrPicture, str, str]] = field(default_factory=list)  # with page and link to it
    unread: dict[str, str] = field(default_factory=dict)  # address, or a name -> why
    illegible: set[str] = field(default_factory=set)  # of those, addresses that arrived: a browser shows half a picture
    unread_elsewhere: dict[str, str] = field(default_factory=dict)  # on pages beside the home page
    drawn_elsewhere: dict[str, str] = field(default_factory=dict)  # pages with scripts beside it -> words of the link
    learned: list[Any] = field(default_factory=list)  # items, recorded with the look
    ended: bool = False  # every expected code was found at once: nothing further was looked for

    def payloads(self, *, home: bool = False) -> set[str]:
        shown = (picture for _image, picture, _url, words in self.pictures if not (home and words))
        return {code["payload"] for picture in shown for code in picture.codes}

    def miss(self, words: str, what: str, why: str) -> None:
        (self.unread_elsewhere if words else self.unread)[what] = why

    def result(self) -> Parsed:
        """Only a page without scripts whose every image was read proves that a code is not there."""
        if self.ended:
            return Parsed(outcome=Outcome.OK, reason="static_found")
        missed = {**self.unread, **self.unread_elsewhere}
        if torn(self.html, self.page.url):
            reason = "page_torn"
        elif missed:
            reason = "images_unread"
        else:
            reason = "script_rendered" if self.scripted else "static_settled"
        return Parsed(outcome=Outcome.OK, reason=reason, detail=_why(missed))


def _why(missed: dict[str, str]) -> str:
    return "；".join(f"{name[:150]}（{why}）" for name, why in islice(missed.items(), 3))
