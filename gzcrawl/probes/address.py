"""Where a site lives, from its registered home page."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import idna

from gzcrawl.registry import Site

PORTS = {"http": 80, "https": 443}


def host_of(site: Site) -> str:
    """The host name as DNS has it: ASCII, lower-case (中文.政务 becomes xn--…)."""
    host = (urlsplit(site.home).hostname or "").lower()
    if is_address(host):
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host  # an underscore, say: no name of its own language, but resolvable


def address(site: Site, scheme: str, ports: Mapping[str, int] = PORTS) -> str:
    """The home page under that scheme. A registered port counts for the registered scheme only."""
    parts = urlsplit(site.home)
    port = port_of(site, scheme, ports)
    host = host_of(site)
    netloc = f"[{host}]" if ":" in host else host
    netloc += "" if port == PORTS[scheme] else f":{port}"
    return urlunsplit((scheme, netloc, parts.path or "/", parts.query, ""))


def port_of(site: Site, scheme: str, ports: Mapping[str, int] = PORTS) -> int:
    parts = urlsplit(site.home)
    return parts.port if parts.port and parts.scheme == scheme else ports[scheme]


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
