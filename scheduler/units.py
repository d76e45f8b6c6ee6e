"""From the store to the units that rules judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.registry import Department, Registry
from gzcrawl.store import read
from gzcrawl.store.posts import Wanted
from scheduler.rules.base import AccountSeen, SiteSeen, Unit

WINDOW = timedelta(days=60)
"""How far back rules look; the newest post of an account is always loaded, however old."""

DEPARTMENTS_AT_ONCE = 200


def batches(departments: Sequence[Department]) -> Iterator[Sequence[Department]]:
    """As many as are read at once."""
    for start in range(0, len(departments), DEPARTMENTS_AT_ONCE):
        yield departments[start : start + DEPARTMENTS_AT_ONCE]


def targets_of(registry: Registry, departments: Sequence[Department]) -> list[str]:
    """Ids of their accounts and sites."""
    accounts = [account.id for d in departments for account in registry.accounts_of(d.id)]
    return accounts + [site.id for d in departments for site in registry.sites_of(d.id)]


def units(
    db: Database[dict[str, Any]],
    registry: Registry,
    departments: Sequence[Department],
    now: datetime,
    wanted: Wanted | None,
) -> list[Unit]:
    """These departments with what was seen of them until `now`; `wanted` as in gzcrawl.store.posts."""
    seen = read.seen(db, targets_of(registry, departments), now - WINDOW, now, wanted)
    return [unit(registry, department, seen) for department in departments]


def unit(registry: Registry, department: Department, seen: read.Seen) -> Unit:
    return Unit(
        department=department,
        accounts=tuple(
            AccountSeen(
                account=account,
                posts=tuple(seen.posts.get(account.id, ())),
                polls=tuple(seen.polls.get(account.id, ())),
                profiles=tuple(seen.profiles.get(account.id, ())),
                links=tuple(seen.links.get(account.id, ())),
                comments=tuple(seen.comments.get(account.id, ())),
                tally=seen.tallies.get(account.id),
            )
            for account in registry.accounts_of(department.id)
        ),
        sites=tuple(
            SiteSeen(
                site=site,
                posts=tuple(seen.posts.get(site.id, ())),
                polls=tuple(seen.polls.get(site.id, ())),
                sightings=tuple(seen.sightings.get(site.id, ())),
                probes=tuple(seen.probes.get(site.id, ())),
                links=tuple(seen.links.get(site.id, ())),
            )
            for site in registry.sites_of(department.id)
        ),
    )
