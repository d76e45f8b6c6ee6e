"""Alerts and findings as documents and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from bson import encode

from scheduler.alerts.life import Alert, AlertState
from scheduler.findings import Evidence, Finding, Judged, Severity, Verdict


def finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "_id": finding.key,
        "rule": finding.rule,
        "subject": finding.subject,
        "department": finding.department,
        "verdict": str(finding.verdict),
        "reason": finding.reason,
        "severity": int(finding.severity),
        "since": finding.since,
        "settled": finding.settled,
        "deadline": finding.deadline,
        "evidence": [evidence_document(evidence) for evidence in finding.evidence],
        "facts": dict(finding.facts),
        "provisional_calendar": finding.provisional_calendar,
    }


def evidence_document(evidence: Evidence) -> dict[str, Any]:
    return {name: getattr(evidence, name) for name in _EVIDENCE}


_EVIDENCE, _ALERT = (tuple(field.name for field in fields(kind)) for kind in (Evidence, Alert))
"""What they are written with; dataclasses.asdict copies every time and word of it."""


def finding_from(document: Mapping[str, Any]) -> Finding:
    values = {name: value for name, value in document.items() if name not in ("_id", "round_id")}
    return Finding(
        **{
            **values,
            "verdict": Verdict(values["verdict"]),
            "severity": Severity(values["severity"]),
            "evidence": tuple(Evidence(**evidence) for evidence in values["evidence"]),
        }
    )


@dataclass(frozen=True, slots=True)
class JudgedInWriting:
    """What is said of a department, as it is stored; cheap to hand from process to process.

    Finding's key -> (a number that changes with anything the finding says, its verdict, its document in BSON).
    """

    department: str
    findings: Mapping[str, tuple[int, Verdict, bytes]]
    recheck_at: datetime | None


def in_writing(judged: Judged, round_id: str) -> JudgedInWriting:
    """`round_id`: of the round that found it; the numbers do not change with it."""
    end = encode({"round_id": round_id})[4:]  # without the length
    written = {}
    for finding in judged.findings:
        document = finding_document(finding)
        document["round_id"] = round_id
        bson = encode(document)
        said = hashlib.blake2b(bson[4 : -len(end)], digest_size=8)
        written[finding.key] = (int.from_bytes(said.digest(), signed=True), finding.verdict, bson)
    return JudgedInWriting(judged.department, written, judged.recheck_at)


def alert_document(alert: Alert) -> dict[str, Any]:
    document = {name: getattr(alert, name) for name in _ALERT}
    document["_id"] = document.pop("id")
    return document | {
        "verdict": str(alert.verdict),
        "state": str(alert.state),
        "severity": int(alert.severity),
        "evidence": [evidence_document(evidence) for evidence in alert.evidence],
        "facts": dict(alert.facts),
        "returns": list(alert.returns),
    }


def alert_from(document: dict[str, Any]) -> Alert:
    values = {**document, "id": document["_id"]}
    del values["_id"]
    return Alert(
        **{
            **values,
            "state": AlertState(values["state"]),
            "verdict": Verdict(values["verdict"]),
            "severity": Severity(values["severity"]),
            "evidence": tuple(Evidence(**evidence) for evidence in values.get("evidence", ())),
            "returns": tuple(values.get("returns", ())),
        }
    )
