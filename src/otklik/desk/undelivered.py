"""What was not sent, or nobody is certain of: people look at the network and decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.cases.reaching import Around, ways_around
from otklik.channels.models import Outgoing
from otklik.channels.queries import troubled_deliveries, undelivered
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.forms import GiveUpForm
from otklik.desk.paging import page
from otklik.desk.words import PROBLEMS, problem
from otklik.intake import resolving
from otklik.org.access import Access, Permission


@door(Permission.TROUBLE_RESOLVE)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """What waits for a decision, newest first, and what reached us but wasn't understood."""
    return _show(request)


@door(Permission.TROUBLE_RESOLVE)
@require_POST
def mark_sent(request: DeskRequest, outgoing_id: int) -> HttpResponse:
    """A person saw it in the network."""
    return _settle(request, outgoing_id, resolving.mark_sent, _("Counted as sent."))


@door(Permission.TROUBLE_RESOLVE)
@require_POST
def send_again(request: DeskRequest, outgoing_id: int) -> HttpResponse:
    """A person saw that it isn't there."""
    return _settle(request, outgoing_id, resolving.send_again, _("It goes out once more."))


@door(Permission.TROUBLE_RESOLVE)
@require_POST
def give_up(request: DeskRequest, outgoing_id: int) -> HttpResponse:
    """It will not be sent, and the reason is kept."""
    form = GiveUpForm(request.POST, prefix=f"stop-{outgoing_id}")
    if not form.is_valid():
        return _show(request, kept={outgoing_id: form}, status=422)

    def stop(access: Access, outgoing: Outgoing, **when: Any) -> None:
        resolving.give_up(access, outgoing, form.cleaned_data["reason"], **when)

    return _settle(request, outgoing_id, stop, _("It will not be sent; the reason is kept."))


def _settle(request: DeskRequest, outgoing_id: int, settle: Callable[..., None], words: str) -> HttpResponse:
    row = Outgoing.objects.filter(municipality=request.access.municipality_id, pk=outgoing_id).first()
    if row is None:
        raise Http404
    try:
        settle(request.access, row, now=clock.now())
    except PROBLEMS as error:
        return _show(request, problem=problem(error), status=409)
    messages.success(request, words)
    return go_to(request, reverse("desk:undelivered"))


def _show(
    request: DeskRequest, *, kept: dict[int, GiveUpForm] | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    access = request.access
    access.require(Permission.TROUBLE_RESOLVE)
    shown, following = page(undelivered(access.municipality_id), request.GET)
    around = ways_around(shown, now=clock.now())
    context = {
        "rows": [
            (
                row,
                (kept or {}).get(row.pk) or GiveUpForm(prefix=f"stop-{row.pk}"),
                _around(access, around.get(row.pk)),
                _there(row),
            )
            for row in shown
        ],
        "next_url": f"{reverse('desk:undelivered')}?before={following}" if following is not None else "",
        "deliveries": list(troubled_deliveries(access.municipality_id)[:20]),
        "problem": problem,
        "kept": list(kept or {}),
        "city": access.official.municipality,
    }
    return render(request, "desk/undelivered.html", context, status=status)


def _there(row: Outgoing) -> str:
    """Return where to look: what was answered, or the post that is to be changed or deleted."""
    changed = row.edits or row.removes
    if changed is not None:
        return next((str(receipt["permalink"]) for receipt in changed.receipts if receipt["permalink"]), "")
    return row.reply_to.permalink if row.reply_to is not None else ""


def _around(access: Access, around: Around | None) -> dict[str, Any] | None:
    """Return the ways of an answer that was refused, for whoever may see its case, and whether they may send it."""
    if around is None or not access.allows(Permission.CASE_VIEW, around.case.department_id):
        return None
    may_send = access.allows(Permission.CASE_APPROVE, around.case.department_id)
    private = around.takes_private_reply
    return {"case": around.case, "ways": around.ways, "may_send": may_send, "takes_private_reply": private}
