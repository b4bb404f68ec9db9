"""What can be wrong with the proof of posts: no key to sign with, a log that isn't signed any more."""

from __future__ import annotations

from collections.abc import Iterator

from otklik.cli.checks import bad, ok
from otklik.connectors.base import Finding


def proof_of_posts() -> Iterator[Finding]:
    """Check that each city can sign its posts, and that its log goes on."""
    from otklik.org.models import Municipality
    from otklik.proof.models import Key, Log
    from otklik.proof.services.signing import private_key
    from otklik.proof.signatures import NoKey

    keys = {key.municipality_id: key for key in Key.objects.filter(until=None)}
    for city in Municipality.objects.order_by("slug"):
        key = keys.get(city.pk)
        if key is None:
            yield bad(
                f"signing of posts, {city.slug}: no key", "make one: otklik keys make; nothing is published till then"
            )
            continue
        try:
            private_key(key)
        except NoKey as error:
            yield bad(f"signing of posts, {city.slug}", str(error))
        else:
            yield ok(f"signing of posts, {city.slug}: key {key.fingerprint}")
    for log in Log.objects.exclude(trouble="").select_related("municipality"):
        yield bad(f"log of posts, {log.municipality.slug}", log.trouble)
