"""Which version is in use, and how sure it must be: people decide, and the audit log keeps who did."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.services.auditing import audit, ours
from otklik.teaching.enums import VersionState
from otklik.teaching.models import Learning, Version
from otklik.teaching.services.refitting import learning_of


@transaction.atomic
def use(access: Access, version: Version | None, *, now: datetime) -> None:
    """Put a kept version in use; None is the knowledge that came with the product. Workers follow within seconds.

    Raises Refused, NotPossible for a version that was refused or isn't kept any more.
    """
    access.require(Permission.TRIAGE_MANAGE)
    ours(access, version)
    if version is not None and (version.state != VersionState.ACCEPTED or version.learnt is None):
        raise NotPossible(_("This version is not kept: choose another."))
    learning = learning_of(access.official.municipality, now=now)
    before = learning.in_use.number if learning.in_use is not None else 0
    after = version.number if version is not None else 0
    if before == after:
        return
    Learning.objects.filter(pk=learning.pk).update(in_use=version)
    audit(access, "learning.version", f"№ {after}", number=[before, after])


@transaction.atomic
def set_precision(access: Access, *, group: int, topic: int, now: datetime) -> None:
    """Say how many of 100 that triage sorts by itself must be right, 50 to 99. Raises Refused, NotPossible."""
    access.require(Permission.TRIAGE_MANAGE)
    for name, value in (("group", group), ("topic", topic)):
        if not 50 <= value <= 99:
            raise NotPossible(_("Between 50 and 99 of 100."), field=name)
    learning = learning_of(access.official.municipality, now=now)
    before = (round(100 * learning.group_precision), round(100 * learning.topic_precision))
    if before == (group, topic):
        return
    Learning.objects.filter(pk=learning.pk).update(group_precision=group / 100, topic_precision=topic / 100)
    audit(access, "learning.precision", "", group=[before[0], group], topic=[before[1], topic])
