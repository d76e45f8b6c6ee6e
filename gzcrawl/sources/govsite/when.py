"""When an article was published, by weighing all that its page says about time.

Sites carry three dates: of publication (发布日期), of writing (成文日期), of generation (the page's). On the platform of
Jiangxi the prescribed tag PubDate holds the third. So a signal is believed in the order of its name, refined by
signals that agree with it, and blurred by those that do not; no date is ever invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import SHANGHAI, Precision, interval
from gzcrawl.sources.govsite import labels
from gzcrawl.sources.govsite.dates import dates_in, read_date
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import Flow
from gzcrawl.sources.govsite.scripted import published
from gzcrawl.sources.govsite.urls import url_date
from gzcrawl.sources.times import Moment

_META = (
    "pubdate",
    "publishdate",
    "publishtime",
    "publish_time",
    "publish-date",
    "article:published_time",
    "og:article:published_time",
    "firstpublishedtime",
    "og:release_date",
    "datepublished",
    "date",
)
_LINKED = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')
_GENERATED = ("htmlgeneratetime", "maketime", "generatetime", "createpagetime")
_GENERATION = timedelta(minutes=1)
"""A PubDate this near to the time of generation is the time of generation."""
_MAY_DIFFER = timedelta(days=3)
"""A date in the address may be the day the draft was made."""
_AFTER, _BEFORE = 300, 200
"""Characters around the title in which an information line without a label stands."""
_ORDER = (Precision.SECOND, Precision.MINUTE, Precision.HOUR, Precision.DAY, Precision.MONTH)


@dataclass(slots=True)
class Signals:
    """What a page says of its time, by kind; each None where it says nothing that can be read."""

    published: Moment | None = None  # 发布时间, 发布日期, <publishtime>
    tagged: Moment | None = None  # meta PubDate, unless it is the time of generation
    shown: Moment | None = None  # a date beside the title without a label, or 更新时间
    created: Moment | None = None  # 生成日期
    written: Moment | None = None  # 成文日期, 发文日期
    address: Moment | None = None  # in the URL


def gather(doc: Document, flow: Flow, title: Any, body: Any, now: datetime) -> Signals:
    """All signals of a page; those in the future of `now` are mistakes and left out."""
    nothing = (len(flow.text), len(flow.text))
    near = _Nearby(flow.text, flow.span(title) or (0, 0), flow.span(body) or nothing, now)
    tag = doc.root.xpath("string(//publishtime)").get("")
    return Signals(
        published=near.known(read_date(tag))
        or near.labelled(labels.PUBLISHED)
        or near.labelled(labels.BARE, near=True),
        tagged=near.known(_tagged(doc)),
        shown=near.unlabelled() or near.labelled(labels.ENTERED, near=True) or near.labelled(labels.UPDATED, near=True),
        created=near.labelled(labels.CREATED),
        written=near.labelled(labels.WRITTEN),
        address=near.known(next((found for url in doc.addresses if (found := url_date(url))), None)),
    )


def weigh(signals: Signals) -> Moment | None:
    """The time of publication that the signals support, None if they support none."""
    address = signals.address
    if signals.published:
        return _refined(signals.published, signals)
    tagged, shown = signals.tagged, signals.shown
    if tagged and shown and address is None and shown.precision is not Precision.DAY and _day(tagged) != _day(shown):
        return _refined(shown, signals)  # a visible time of day beside the title; the tag may be the generation's
    for moment in (tagged, shown):
        if moment and _supported(moment, address):
            return _refined(moment, signals)
    if signals.created and _supported(signals.created, address, timedelta(0)):
        return signals.created
    if address:
        return address
    if signals.written:
        # Published some time after: the month is as much as it tells.
        local = signals.written.at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0)
        return Moment(local.astimezone(signals.written.at.tzinfo), Precision.MONTH)
    return None


def _refined(moment: Moment, signals: Signals) -> Moment:
    """The day of the believed signal, with the most exact time of day, unless another signal contradicts it."""
    others = [other for other in (signals.published, signals.tagged, signals.shown) if other and other is not moment]
    same_day = [moment, *(other for other in others if _day(other) == _day(moment))]
    timed = [other for other in same_day if other.precision in (Precision.SECOND, Precision.MINUTE)]
    exact = min(timed, key=lambda other: _ORDER.index(other.precision), default=moment)
    alone = len(same_day) == 1
    in_address = signals.address is not None and _supported(moment, signals.address)
    strays = [other for other in (signals.published, signals.tagged) if other and other not in same_day]
    doubted = any(not _overlap(other, exact) for other in timed)
    doubted |= alone and not in_address and bool(strays or signals.address)
    return Moment(_day(moment), Precision.DAY) if doubted else exact


def _supported(moment: Moment, address: Moment | None, tolerance: timedelta = _MAY_DIFFER) -> bool:
    """Whether the date in the address allows for this time; without one, anything is allowed."""
    if address is None:
        return True
    begin, end = interval(*address)
    earliest, latest = interval(*moment)
    return earliest < end + tolerance and latest > begin - tolerance


def _overlap(one: Moment, other: Moment) -> bool:
    (a, b), (c, d) = interval(*one), interval(*other)
    return a < d and c < b


def _day(moment: Moment) -> datetime:
    """The beginning of its day in Asia/Shanghai, in UTC."""
    local = moment.at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(moment.at.tzinfo)


def _tagged(doc: Document) -> Moment | None:
    """PubDate, one of its relatives or a script's variable of that name, None if it is the time at which the page was generated."""
    said = [doc.meta(name) for name in _META]
    said += [value for script in doc.linked_data for value in _LINKED.findall(script)]
    said += published(doc.scripts)
    moment = next((found for value in said if (found := read_date(value))), None)
    if moment and any(abs(moment.at - made.at) <= _GENERATION for made in _generated(doc)):
        return None
    return moment


def _generated(doc: Document) -> list[Moment]:
    """When the page was generated: HtmlGenerateTime, Maketime, `<meta name="others" content="页面生成时间 …">`."""
    said = [doc.meta(name) for name in _GENERATED]
    said += [value for _name, value in doc.metas if re.match(r"(?:页面|网页)?生成时间", value)]
    return [moment for value in said if (moment := read_date(value))]


@dataclass(slots=True)
class _Nearby:
    """Dates in the visible text, sought where an information line stands: near the title, outside of the text."""

    text: str
    title: tuple[int, int]
    body: tuple[int, int]
    now: datetime

    def known(self, moment: Moment | None) -> Moment | None:
        return moment if moment and moment.at <= self.now + timedelta(hours=24) else None

    def labelled(self, label: re.Pattern[str], *, near: bool = False) -> Moment | None:
        """The date behind a label; of several the nearest to the title outside of the text. `near`: only beside it."""
        found = []
        for place in labels.labelled_dates(self.text, label):
            inside = self._in_text(place.start)
            beside = not inside and any(begin <= place.start < end for begin, end in self._windows())
            if self.known(place.moment) and (beside or not near):
                found.append((inside, abs(place.start - self.title[1]), place.moment))
        return min(found, default=(True, 0, None))[2]

    def unlabelled(self) -> Moment | None:
        """A date beside the title that no label explains, the ones with a time of day first."""
        found = []
        for begin, end in self._windows():
            for place in dates_in(self.text[begin:end]):
                before = self.text[max(0, begin + place.start - 12) : begin + place.start]
                if self.known(place.moment) and not re.search(r"[:：]\s*$", before):
                    found.append(place.moment)
        timed = [moment for moment in found if moment.precision is not Precision.DAY]
        return next(iter((*timed, *found)), None)

    def _windows(self) -> list[tuple[int, int]]:
        if self.title == (0, 0):
            return [(max(0, self.body[0] - _AFTER), self.body[0])]
        begin, end = self.title
        after = min(end + _AFTER, self.body[0]) if self.body[0] >= end else end + _AFTER
        return [(end, after), (max(0, begin - _BEFORE), begin)]

    def _in_text(self, place: int) -> bool:
        """Inside of the text, unless the title is in there too (a block that holds all)."""
        holds_title = self.title != (0, 0) and self.body[0] <= self.title[0] < self.body[1]
        return self.body[0] <= place < self.body[1] and not holds_title
