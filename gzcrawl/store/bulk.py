"""Many documents of one collection written at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

Written = dict[str, Any] | RawBSONDocument

DUPLICATE_KEY = 11000


def put(
    collection: Collection[dict[str, Any]],
    fresh: Mapping[str, Written],
    changed: Mapping[str, Written],
    gone: Iterable[str] = (),
    session: ClientSession | None = None,
) -> None:
    """Bring documents up to date, by `_id`. What is held to be fresh may be there: who wrote it was killed.

    Not so in a transaction (`session`), which ends with such an error; there it has to be known.
    To insert costs the server a third of an upsert. The validators are not asked: they are there for what others write, and
    cost it a tenth more.
    """
    if fresh:
        try:
            collection.insert_many(fresh.values(), ordered=False, bypass_document_validation=True, session=session)
        except BulkWriteError as error:
            if session or {failure["code"] for failure in error.details["writeErrors"]} != {DUPLICATE_KEY}:
                raise
            changed = {**changed, **fresh}
    writes: list[ReplaceOne[Any] | DeleteOne] = [ReplaceOne({"_id": id}, d, upsert=True) for id, d in changed.items()]
    writes += [DeleteOne({"_id": id}) for id in gone]
    if writes:
        collection.bulk_write(writes, ordered=False, bypass_document_validation=True, session=session)
