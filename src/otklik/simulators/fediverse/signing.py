"""A remote server's own signatures: it signs what its people do, and checks ours. Shares no code with us."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


@lru_cache(maxsize=1)
def shared_key() -> rsa.RSAPrivateKey:
    """Return one key for everybody here: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache(maxsize=8)
def public_pem(key: rsa.RSAPrivateKey) -> str:
    """Return the public half."""
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def cavage(url: str, body: bytes, key_id: str, key: rsa.RSAPrivateKey, *, at: float | None = None) -> dict[str, str]:
    """Return the headers of a POST as Mastodon signs it."""
    parts = urlsplit(url)
    digest = f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"
    date = formatdate(time.time() if at is None else at, usegmt=True)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    text = f"(request-target): post {target}\nhost: {parts.netloc}\ndate: {date}\ndigest: {digest}"
    made = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    proof = f'keyId="{key_id}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="{made}"'
    return {
        "host": parts.netloc,
        "date": date,
        "digest": digest,
        "signature": proof,
        "content-type": "application/activity+json",
    }


def rfc9421(url: str, body: bytes, key_id: str, key: rsa.RSAPrivateKey, *, at: float | None = None) -> dict[str, str]:
    """Return the headers of a POST as RFC 9421 has them."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    created = int(time.time() if at is None else at)
    told = f'("@method" "@target-uri" "content-digest");created={created};keyid="{key_id}"'
    text = f'"@method": POST\n"@target-uri": {url}\n"content-digest": {digest}\n"@signature-params": {told}'
    made = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return {
        "host": urlsplit(url).netloc,
        "content-digest": digest,
        "signature-input": f"sig1={told}",
        "signature": f"sig1=:{made}:",
        "content-type": "application/activity+json",
    }


def key_id_in(headers: dict[str, str]) -> str:
    """Return the id of the key that a request says it is signed by."""
    found = re.search(r'keyId="([^"]+)"', headers.get("signature", ""))
    return found[1] if found else ""


def is_genuine(method: str, target: str, headers: dict[str, str], body: bytes, pem: str) -> bool:
    """Return whether a request of ours is signed over all that matters, by this key."""
    told = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("signature", "")))
    covered = told.get("headers", "").split()
    if not {"(request-target)", "host", "date"} <= set(covered) or (method == "POST" and "digest" not in covered):
        return False
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if method == "POST" and headers.get("digest") != f"SHA-256={digest}":
        return False
    values = {**headers, "(request-target)": f"{method.lower()} {target}"}
    text = "\n".join(f"{name}: {values.get(name, '')}" for name in covered)
    public = serialization.load_pem_public_key(pem.encode())
    if not isinstance(public, rsa.RSAPublicKey):
        return False
    try:
        public.verify(base64.b64decode(told.get("signature", "")), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
