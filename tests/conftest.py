"""Real parts for all tests: one embedded mongod for the session, a fresh database for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.mongod import Embedded
from gzcrawl.store.connect import connect
from gzcrawl.store.schema import ensure_schema


@pytest.fixture(scope="session", autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests keep goes nowhere near the evidence of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZCRAWL_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private mongod that lives for the session."""
    with Embedded(Path(tmp_path_factory.mktemp("mongod"))) as embedded:
        yield embedded.uri


@pytest.fixture
def db_uri(mongo_uri: str) -> Iterator[str]:
    """A URI that names a database of this test's own, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    uri = mongo_uri.replace("/?", f"/{name}?")
    yield uri
    with connect(uri) as db:
        db.client.drop_database(name)


@pytest.fixture
def db(db_uri: str) -> Iterator[Database[dict[str, Any]]]:
    """The product's database, empty, with its schema."""
    with connect(db_uri) as database:
        ensure_schema(database)
        yield database
