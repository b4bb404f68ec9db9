"""Web push to officials: the browsers they chose, kept and forgotten; each message to every one of them.

What is sent holds a matter, a count and an address inside the desk; its words are made on the device.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.common import clock, ssrf, webpush
from otklik.notices.carriers.outcome import NotSent, PerhapsSent
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier, Device
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.models import Official
from otklik.org.services.auditing import audit

DEVICES = 10
"""Of one official: a phone, a computer, and some that were forgotten. The oldest makes room."""


@transaction.atomic
def save_push(access: Access, *, is_on: bool) -> Carrier:
    """Switch web push on or off for the city; its officials choose for themselves. Audited. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    if is_on:
        identity()  # the key is made now, not in the middle of a letter
    row, _made = Carrier.objects.update_or_create(
        municipality_id=access.municipality_id, way=Way.PUSH, defaults={"is_on": is_on}
    )
    audit(access, "push.changed", "", is_on=is_on)
    return row


def devices_of(access: Access) -> QuerySet[Device]:
    """Return the browsers that an official is told in, the newest first."""
    return Device.objects.filter(municipality=access.municipality_id, official=access.official).order_by("-id")


@transaction.atomic
def add_device(access: Access, endpoint: str, p256dh: str, auth: str, *, name: str, now: datetime) -> Device:
    """Keep a browser's subscription for this official; a colleague's on the same browser ends. Raises NotPossible."""
    try:
        webpush.Subscription.read(endpoint, p256dh, auth, allow_loopback=settings.ENVIRONMENT.allow_loopback)
    except webpush.BadSubscription as error:
        raise NotPossible(_("The browser gave no usable address: %(reason)s") % {"reason": error}) from error
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    row, _made = Device.objects.update_or_create(
        municipality_id=access.municipality_id,
        endpoint_sha256=digest,
        defaults={
            "official": access.official,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "name": name[:80],
            "created_at": now,
        },
    )
    kept = list(devices_of(access).values_list("pk", flat=True)[:DEVICES])
    Device.objects.filter(municipality=access.municipality_id, official=access.official).exclude(pk__in=kept).delete()
    return row


def forget_device(access: Access, device_id: int) -> bool:
    """Send nothing to one of this official's own browsers any more; False where it isn't theirs."""
    mine = Device.objects.filter(municipality=access.municipality_id, official=access.official, pk=device_id)
    return mine.delete()[0] > 0


def try_push(access: Access) -> None:
    """Send this official's browsers something to see that it works. Network only. Raises NotPossible."""
    if not Carrier.objects.filter(municipality=access.municipality_id, way=Way.PUSH, is_on=True).exists():
        raise NotPossible(_("The city sends nothing to phones yet: an administrator switches it on."))
    signal: dict[str, str | int] = {
        "matter": "try",
        "n": 0,
        "path": "/desk/notices/choices/",
        "lang": access.official.language,
    }
    try:
        push_to(access.official, signal)
    except (NotSent, PerhapsSent) as error:
        raise NotPossible(str(error)) from error


def push_to(official: Official, signal: Mapping[str, str | int]) -> None:
    """Send a signal to every browser of an official; one that took it is enough. Ended subscriptions are forgotten.

    Network, and afterwards rows. Raises NotSent, PerhapsSent.
    """
    rows = Device.objects.filter(municipality=official.municipality_id, official=official).order_by("-id")[:DEVICES]
    troubles: list[Exception] = []
    taken = 0
    for row in rows:
        try:
            _push(row, signal)
            taken += 1
        except webpush.Gone:
            Device.objects.filter(pk=row.pk, endpoint_sha256=row.endpoint_sha256).delete()
        except (webpush.NotTaken, webpush.PerhapsTaken, webpush.BadSubscription) as error:
            troubles.append(error)
    if not taken:
        raise _trouble(troubles)


def _push(row: Device, signal: Mapping[str, str | int]) -> None:
    loopback = settings.ENVIRONMENT.allow_loopback
    to = webpush.Subscription.read(row.endpoint, row.p256dh, row.auth, allow_loopback=loopback)
    message = json.dumps(signal, separators=(",", ":")).encode()
    topic = webpush.encoded(hashlib.sha256(f"{signal['matter']}:{signal['path']}".encode()).digest()[:18])
    with ssrf.client(allow_loopback=loopback) as http:
        webpush.send(http, identity(), to, webpush.Push(message, topic=topic), now=clock.now())


def _trouble(found: list[Exception]) -> NotSent | PerhapsSent:
    """Say why no browser took it: what may have arrived first, then what may work later."""
    doubts = [one for one in found if isinstance(one, webpush.PerhapsTaken)]
    if doubts:
        return PerhapsSent(str(doubts[0]))
    later = [one for one in found if isinstance(one, webpush.NotTaken) and not one.permanent]
    if later:
        waits = [one.wait_s for one in later if one.wait_s is not None]
        return NotSent(str(later[0]), permanent=False, wait_s=max(waits, default=None))
    if found:
        return NotSent(str(found[0]), permanent=True)
    return NotSent(_("no phone or browser is left to send to: switch it on there again"), permanent=True)


def identity() -> webpush.Identity:
    """Return who this installation is to push services. The key file is made where there is none."""
    return _identity(Path(settings.PUSH_KEY_FILE), str(settings.ENVIRONMENT.public_url))


@lru_cache(maxsize=4)
def _identity(key_file: Path, public_url: str) -> webpush.Identity:
    return webpush.Identity(key_file, public_url)
