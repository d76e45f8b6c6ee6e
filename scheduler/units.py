"""From the store to the units that rules judge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.registry import Department, Registry
from gzcrawl.store import read
from scheduler.rules.base import AccountSeen, SiteSeen, Unit

WINDOW = timedelta(days=60)
"""How far back rules look; the newest post of an account is always loaded, however old."""

DEPARTMENTS_AT_ONCE = 200


def units(db: Database[dict[str, Any]], registry: Registry, now: datetime) -> Iterator[Unit]:
    """Every department with all that was seen of it until `now`."""
    for start in range(0, len(registry.departments), DEPARTMENTS_AT_ONCE):
        departments = registry.departments[start : start + DEPARTMENTS_AT_ONCE]
        ids = [account.id for d in departments for account in registry.accounts_of(d.id)]
        ids += [site.id for d in departments for site in registry.sites_of(d.id)]
        seen = read.seen(db, ids, now - WINDOW, now)
        for department in departments:
            yield unit(registry, department, seen)


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
