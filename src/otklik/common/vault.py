"""Sealing of channel secrets: encrypted in the database, the key in a file outside it and its backups."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class WrongKey(Exception):
    """The key file doesn't open what was sealed."""


class Vault:
    """Seals small mappings of strings. The key file holds one key a line: the first seals, all of them open."""

    def __init__(self, key_file: Path) -> None:
        self._fernet = MultiFernet([Fernet(line) for line in _keys(key_file)])

    def seal(self, secrets: Mapping[str, str]) -> bytes:
        """Return the secrets encrypted and authenticated (Fernet: AES-128-CBC, HMAC-SHA256)."""
        return self._fernet.encrypt(json.dumps(dict(secrets), sort_keys=True).encode())

    def unseal(self, sealed: bytes) -> dict[str, str]:
        """Return the secrets. Raises WrongKey if another key sealed them or they were altered."""
        if not sealed:
            return {}
        try:
            opened = json.loads(self._fernet.decrypt(bytes(sealed)))
        except InvalidToken as error:
            raise WrongKey("the channel key file does not open this channel's secrets") from error
        return {str(name): str(value) for name, value in opened.items()}


def _keys(key_file: Path) -> list[bytes]:
    if not key_file.exists():
        create_private_file(key_file, Fernet.generate_key() + b"\n")
    return [line for line in key_file.read_bytes().split() if line]


def create_private_file(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads; an existing one is left as it is (two processes may race)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
