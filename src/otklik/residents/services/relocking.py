"""After an account in a network was taken out of somebody's own: what they could open by it opens no more.

They have seen the private links of its cases. So the cases get new ones, what was joined to those links meanwhile is
let go, and whoever is behind the network's account, or had letters before, learns the new link there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.cases.services.recoding import change_code
from otklik.residents.models import Account, Subscription, Tie
from otklik.residents.services.watching import write_again


def relock(tie: Tie, case_ids: Collection[int], *, now: datetime) -> None:
    """Give these cases, and those joined into them that the same person opened, new private links.

    In the caller's transaction. Letters and lists that were asked for by the old links since the tie go: nobody knows
    who asked; those of the account that was tied go whenever they were asked for.
    """
    joined = Q(status=Status.DUPLICATE, resident=tie.resident_id)
    joined &= Q(mergers__into__in=case_ids, mergers__undone_at=None)
    locked = Case.objects.filter(Q(pk__in=case_ids) | Q(pk__in=Case.objects.filter(joined).values("pk")))
    cases = list(locked.select_related("municipality").order_by("pk").select_for_update(of=("self",)))
    for case in cases:
        change_code(case, key=f"relock:{tie.pk}", not_to=(tie.resident_id,), now=now)
    here = Q(municipality=tie.municipality_id, case__in=cases)
    since = Q(tied_at__gte=tie.tied_at) | Q(resident=tie.resident_id)
    Tie.objects.filter(here & since, untied_at=None).update(untied_at=now)
    addresses = Account.objects.filter(resident=tie.resident_id).values("address_digest")
    letters = Subscription.objects.filter(here, is_own=True)
    letters.filter(Q(address_digest__in=addresses) | Q(asked_at__gte=tie.tied_at)).delete()
    write_again(letters.filter(confirmed_at__isnull=False), now=now)
