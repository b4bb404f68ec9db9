"""The other ways to a resident on a case's screen, and sending an answer there with one tap."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.services import rerouting
from otklik.desk.deeds import Deed
from otklik.org.access import Permission


class ElsewhereForm(forms.Form):
    """What was refused, and where else it goes."""

    outgoing = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    message = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)


REACH_DEEDS = (
    Deed(
        "send_elsewhere",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: rerouting.send_elsewhere(a, c, said["outgoing"], said["message"], now=now) and None,
        _("The same answer is on its way there."),
        ElsewhereForm,
    ),
)
