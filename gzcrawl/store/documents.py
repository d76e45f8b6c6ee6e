"""Items as documents and back. A document has the item's fields under the same names; enums are their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_args

from gzcrawl.items import (
    AccountCandidate,
    Announcement,
    Capture,
    CommentCheck,
    Event,
    Host,
    LinkCheck,
    Outcome,
    Platform,
    Poll,
    Post,
    Precision,
    ProbeStatus,
    Profile,
    QrLink,
    QrPicture,
    QrSighting,
    RepostKind,
    RepostOf,
    SiteProbe,
    Tally,
)

Recorded = (
    Post
    | Profile
    | Poll
    | QrSighting
    | QrPicture
    | QrLink
    | LinkCheck
    | CommentCheck
    | AccountCandidate
    | SiteProbe
    | Announcement
    | Event
    | Tally
    | Capture
    | Host
)
Item = TypeVar(
    "Item",
    Post,
    Profile,
    Poll,
    QrSighting,
    QrPicture,
    QrLink,
    LinkCheck,
    CommentCheck,
    AccountCandidate,
    SiteProbe,
    Announcement,
    Event,
    Tally,
    Capture,
    Host,
)

ENUMS = {"platform": Platform, "outcome": Outcome, "precision": Precision, "status": ProbeStatus}


def to_document(item: Recorded) -> dict[str, Any]:
    """The fields of an item, ready for BSON; `_id` is the caller's business."""
    kind = type(item)
    document = {name: getattr(item, name) for name in _FIELDS[kind]}
    for name in _ENUMS[kind]:
        document[name] = str(document[name])
    repost = document.get("repost_of")
    if isinstance(repost, RepostOf):
        document["repost_of"] = {f.name: getattr(repost, f.name) for f in fields(RepostOf)} | {"kind": str(repost.kind)}
    if "box" in document and document["box"] is not None:
        document["box"] = list(document["box"])
    return document


def from_document(kind: type[Item], document: Mapping[str, Any]) -> Item:
    """A document of `kind`'s collection as the item; fields the item does not have are left out."""
    known = _FIELDS[kind]
    values = {name: value for name, value in document.items() if name in known}
    for name, members in _ENUMS[kind].items():
        if name in values:
            values[name] = members[values[name]]
    if values.get("repost_of"):
        repost = values["repost_of"]
        values["repost_of"] = RepostOf(**{**repost, "kind": RepostKind(repost["kind"])})
    if values.get("box"):
        values["box"] = tuple(values["box"])
    return kind(**values)


_FIELDS = {kind: dict.fromkeys(f.name for f in fields(kind)) for kind in get_args(Recorded)}
_ENUMS = {
    kind: {name: {str(member): member for member in ENUMS[name]} for name in names if name in ENUMS}
    for kind, names in _FIELDS.items()
}
"""By kind and field, the members by their words: to look one up takes a fraction of asking the enum."""
