"""One person in several networks: said on a case's screen with a reason, taken back in one step."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from otklik.cases.queries import visible_cases
from otklik.channels.blocks import BlockReason
from otklik.common import clock
from otklik.desk.deeds import Deed
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.org.access import Permission
from otklik.residents.links import IdentityLink
from otklik.residents.services import blocking, linking


class SamePersonForm(forms.Form):
    """Which case came from the same person, and how it is known."""

    number = forms.IntegerField(
        label=_("Number of the other case"),
        min_value=1,
        max_value=2_147_483_647,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Type the number of the case that came from the same person."),
            "invalid": _("Type the number of the case that came from the same person."),
        },
    )
    reason = forms.CharField(
        label=_("How do you know it?"),
        help_text=_("A name is no proof. The resident sees nothing of it, and it opens nobody's case to anybody."),
        max_length=linking.LONGEST_REASON,
        error_messages={"required": _("Say how you know it.")},
    )


class BlockForm(forms.Form):
    """Why the account is blocked, and for how long."""

    reason = forms.ChoiceField(
        label=_("Why"),
        choices=BlockReason.choices,
        help_text=_("There is no other reason: whoever scolds the city isn't blocked. The figures are public."),
    )
    days = forms.TypedChoiceField(
        label=_("For how long"), coerce=int, choices=[(1, _("a day")), (7, _("a week")), (30, _("30 days"))], initial=1
    )


PEOPLE_DEEDS = (
    Deed(
        "block",
        Permission.PERSON_BLOCK,
        lambda a, c, said, now: blocking.block(a, c, BlockReason(said["reason"]), said["days"], now=now) and None,
        _("Blocked for a time: what they write is kept, but opens no case. It can be taken back in one step."),
        BlockForm,
    ),
    Deed(
        "unblock",
        Permission.PERSON_BLOCK,
        lambda a, c, _s, now: blocking.unblock(a, c, now=now),
        _("The block is taken back."),
    ),
    Deed(
        "same_person",
        Permission.PERSON_LINK,
        lambda a, c, said, now: linking.link(a, c, said["number"], said["reason"], now=now),
        _("Noted: one person. It can be taken back in one step."),
        SamePersonForm,
    ),
)


@door(Permission.PERSON_LINK)
@require_POST
def unlink(request: DeskRequest, link_id: int) -> HttpResponse:
    """Take a link back, and go to where it was shown (`?at=` the case's number)."""
    rows = IdentityLink.objects.filter(municipality=request.access.municipality_id)
    row = rows.select_related("case", "with_case").filter(pk=link_id).first()
    if row is None:
        raise Http404
    linking.unlink(request.access, row, now=clock.now())
    messages.success(request, _("Taken back: they are two people to us again."))
    at = request.GET.get("at", "")
    number = int(at) if at.isdecimal() and at.isascii() and len(at) < 10 else row.case.number
    if not visible_cases(request.access).filter(number=number).exists():
        return go_to(request, reverse("desk:inbox"))
    return go_to(request, reverse("desk:case", args=[number]))


def patterns() -> list[URLPattern]:
    """Return the addresses beside the deeds."""
    return [path("people/<int:link_id>/unlink/", unlink, name="person_unlink")]
