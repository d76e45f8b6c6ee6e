"""The registry (台账): departments, their accounts and their sites. Model, validation, xlsx and YAML in and out."""

from gzcrawl.registry.model import Account, Department, Registry, Site, State, Watch

__all__ = ["Account", "Department", "Registry", "Site", "State", "Watch"]
