"""Alerts and findings as documents and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scheduler.alerts.life import Alert, AlertState
from scheduler.findings import Evidence, Finding, Severity, Verdict


def finding_document(finding: Finding, round_id: str) -> dict[str, Any]:
    document = asdict(finding) | {"_id": finding.key, "round_id": round_id}
    return _plain(document)


def alert_document(alert: Alert) -> dict[str, Any]:
    document = asdict(alert)
    document["_id"] = document.pop("id")
    return _plain(document)


def alert_from(document: dict[str, Any]) -> Alert:
    values = {**document, "id": document["_id"]}
    del values["_id"]
    return Alert(
        **{
            **values,
            "state": AlertState(values["state"]),
            "verdict": Verdict(values["verdict"]),
            "severity": Severity(values["severity"]),
            "evidence": tuple(Evidence(**evidence) for evidence in values["evidence"]),
            "returns": tuple(values.get("returns", ())),
        }
    )


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    for name in ("verdict", "state"):
        if name in document:
            document[name] = str(document[name])
    document["severity"] = int(document["severity"])
    document["evidence"] = list(document["evidence"])
    document["facts"] = dict(document["facts"])
    if "returns" in document:
        document["returns"] = list(document["returns"])
    return document
