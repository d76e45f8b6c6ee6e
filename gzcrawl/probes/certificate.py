"""The certificate: its name, its time, and whether the chain that was sent leads to a root this machine trusts.

OpenSSL builds the chain, as it does for curl and most programs: stricter verifiers refuse certificates that every
browser accepts. Nothing is fetched for it: a browser that gets a missing intermediate elsewhere hides the fault.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL.crypto import X509, X509StoreContext, X509StoreContextError
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address

from gzcrawl.probes.address import host_of, is_address
from gzcrawl.probes.fetched import Fetched, Missed, Result, Roots, error, failed, not_tested, ok, unanswered

CHECK = "certificate"

CHAIN = {
    2: "chain_incomplete",  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT
    10: "chain_expired",  # X509_V_ERR_CERT_HAS_EXPIRED: of an issuer, see _chain
    18: "self_signed",  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
    19: "untrusted",  # X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN
    20: "chain_incomplete",  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    21: "chain_incomplete",  # X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
}
"""OpenSSL's x509_vfy.h."""


def probe(fetched: Fetched) -> Result:
    if fetched.tls is None or isinstance(fetched.tls, Missed):
        return unanswered(fetched.tls)
    if fetched.trust is None:
        return not_tested("no_roots")
    try:
        leaf, *others = map(x509.load_der_x509_certificate, fetched.tls.chain)
        chain = _chain(leaf, others, fetched.trust, fetched.at)
        facts = _facts(leaf)
        named = _is_for(leaf, host_of(fetched.site))
    except ValueError as problem:
        return error("certificate_unreadable", str(problem)[:200])
    if chain and fetched.proxied:
        return not_tested("proxy_may_sign", chain)
    if leaf.not_valid_after_utc < fetched.at:
        return failed("expired", **facts)
    if leaf.not_valid_before_utc > fetched.at:
        return failed("not_yet_valid", **facts)
    if not named:
        return failed("wrong_name", **facts)
    if chain in CHAIN.values():
        return failed(chain, **facts)
    return error("chain_unclear", chain) if chain else ok(**facts)


def _chain(leaf: x509.Certificate, others: list[x509.Certificate], trust: Roots, at: datetime) -> str:
    """Empty when a trusted root is reached. An expired certificate is judged as when it was valid: its time is told apart."""
    store = trust()
    store.set_time(min(max(at, leaf.not_valid_before_utc), leaf.not_valid_after_utc))
    sent = [X509.from_cryptography(one) for one in others]
    try:
        X509StoreContext(store, X509.from_cryptography(leaf), sent).verify_certificate()
    except X509StoreContextError as problem:
        return CHAIN.get(problem.errors[0], str(problem)[:200])
    return ""


def _is_for(leaf: x509.Certificate, host: str) -> bool:
    verify = verify_certificate_ip_address if is_address(host) else verify_certificate_hostname
    try:
        verify(leaf, host)
    except (VerificationError, CertificateError):
        return False
    return True


def _facts(leaf: x509.Certificate) -> dict[str, Any]:
    return {
        "not_before": leaf.not_valid_before_utc,
        "not_after": leaf.not_valid_after_utc,
        "issuer": _common_name(leaf.issuer),
        "names": "、".join(_names(leaf)[:3]),
        "pem": leaf.public_bytes(Encoding.PEM).decode(),
    }


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [_common_name(leaf.subject)]
    return [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]


def _common_name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            return str(found[0].value)[:100]
    return ""
