"""Personal data masked in what is handed out. Pure; on bytes, because a page's encoding is its own."""

from __future__ import annotations

import re

_MOBILE = re.compile(rb"(?<![0-9A-Za-z])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9A-Za-z])")
_IDENTITY = re.compile(
    rb"(?<![0-9A-Za-z])([1-9][0-9]{5})((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])(?![0-9A-Za-z])"
)
_MAIL = re.compile(rb"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def masked(data: bytes) -> bytes:
    """Mobile numbers, identity numbers (whose check digit is right) and mail addresses, in any ASCII-based encoding."""
    data = _IDENTITY.sub(lambda found: found[1] + b"*" * 12 if _is_identity(found[0]) else found[0], data)
    data = _MOBILE.sub(rb"\1****\2", data)
    return _MAIL.sub(rb"***\1", data)


def masked_text(text: str) -> str:
    return masked(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _is_identity(number: bytes) -> bool:
    """The check digit of GB 11643-1999 (ISO 7064, MOD 11-2)."""
    total = sum(weight * (digit - 48) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return number[-1:].upper() == b"10X98765432"[total % 11 : total % 11 + 1]
