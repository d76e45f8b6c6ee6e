"""Opening the database. The name comes from the URI's path, else `gzcrawl`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError

from gzcrawl.mongod import ENV_URI, Embedded

DEFAULT_NAME = "gzcrawl"
SELECT_MS = 5_000

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
"""Datetimes come back aware, in UTC."""


class StoreError(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


def data_dir() -> Path:
    """`GZCRAWL_DATA`, else `.data` in the working directory: everything the product writes outside MongoDB."""
    return Path(os.environ.get("GZCRAWL_DATA") or ".data").resolve()


@contextlib.contextmanager
def mongo_uri() -> Iterator[str]:
    """The URI of the configured MongoDB, or of the embedded one, which runs as long as the context."""
    configured = os.environ.get(ENV_URI)
    if configured:
        yield configured
        return
    with Embedded(data_dir()) as embedded:
        yield embedded.uri


@contextlib.contextmanager
def connect(uri: str) -> Iterator[Database[dict[str, Any]]]:
    """A synchronous database, checked to answer. `StoreError` when it does not."""
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(uri, serverSelectionTimeoutMS=SELECT_MS)
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise StoreError(f"{ENV_URI} 不是有效的 MongoDB 连接串：{error}") from error
    with client:
        db = client.get_default_database(DEFAULT_NAME, codec_options=CODEC)
        try:
            client.admin.command("ping")
        except PyMongoError as error:
            raise StoreError(
                f"连接不上 MongoDB（{_hosts(client)}）：{str(error)[:200]}。请检查服务和 {ENV_URI}"
            ) from error
        yield db


def connect_async(uri: str) -> tuple[AsyncMongoClient[dict[str, Any]], AsyncDatabase[dict[str, Any]]]:
    """The same database for the crawl, where nothing may block the reactor. The caller closes the client."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, serverSelectionTimeoutMS=SELECT_MS)
    return client, client.get_default_database(DEFAULT_NAME, codec_options=CODEC)


def _hosts(client: MongoClient[dict[str, Any]]) -> str:
    return "、".join(f"{host}:{port}" for host, port in sorted(client.topology_description.server_descriptions()))
