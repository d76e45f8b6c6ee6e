"""Which announcements a post may repost, found without comparing it with each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from itertools import chain
from typing import Any

from gzcrawl.items import Announcement, Post
from scheduler.matching.signals import (
    AKIN,
    RARE,
    TITLE,
    names_in_post,
    names_of_announcement,
    said,
    spoken,
    traces,
)


class Index:
    """Announcements by what a repost of them carries.

    `candidates` never leaves out what `match` would call a repost or uncertain; it does not look at times. Linear in the
    length of a post and, for an announcement, in its own. The other way round the same class serves: for a new
    announcement, `Index([announcement])` filters the posts since then.
    """

    def __init__(self, announcements: Iterable[Announcement] = ()) -> None:
        self._announcements: dict[str, Announcement] = {}
        self._named = defaultdict[str, list[str]](list)
        self._titled = defaultdict[str, list[tuple[str, str]]](list)  # (id, title) by the middle of the title
        self._rare = defaultdict[str, list[str]](list)
        self._lead = defaultdict[str, list[str]](list)
        for announcement in announcements:
            self.add(announcement)

    def __len__(self) -> int:
        return len(self._announcements)

    def add(self, announcement: Announcement) -> None:
        """Put in, in place of what had the same id."""
        self.remove(announcement.id)
        self._announcements[announcement.id] = announcement
        for table, keys, entry in self._tables(announcement):
            for key in keys:
                table[key].append(entry)

    def remove(self, announcement_id: str) -> None:
        """Take out; nothing happens if it is not there."""
        announcement = self._announcements.pop(announcement_id, None)
        for table, keys, entry in self._tables(announcement) if announcement else ():
            for key in keys:
                table[key].remove(entry)
                if not table[key]:
                    del table[key]

    def candidates(self, post: Post) -> list[Announcement]:
        """Those `post` has to be matched with, by id."""
        text = spoken(said(post))
        found = {one for name in names_in_post(post) for one in self._named.get(name, ())}
        found |= {one for one, shared in _count(self._rare, text.grams).items() if shared >= RARE}
        least = AKIN * len(text.pairs)
        found |= {one for one, shared in _count(self._lead, text.pairs).items() if shared >= least}
        for gram in self._titled.keys() & text.grams:
            found |= {one for one, title in self._titled[gram] if title in text.text}
        return [self._announcements[one] for one in sorted(found)]

    def _tables(self, announcement: Announcement) -> Iterable[tuple[dict[str, list[Any]], Iterable[str], Any]]:
        """For each table, under which keys what is entered."""
        known = traces(announcement.title, announcement.body)
        middle = len(known.title) // 2 - 2
        title = [known.title[middle : middle + 4]] if len(known.title) >= TITLE else []
        return (
            (self._named, names_of_announcement(announcement), announcement.id),
            (self._rare, known.rare, announcement.id),
            (self._lead, known.lead, announcement.id),
            (self._titled, title, (announcement.id, known.title)),
        )


def _count(table: dict[str, list[str]], keys: Set[str]) -> Counter[str]:
    """How many of the keys each announcement has."""
    return Counter(chain.from_iterable(map(table.__getitem__, table.keys() & keys)))
