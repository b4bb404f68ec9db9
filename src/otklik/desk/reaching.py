"""The other ways to a resident on a case's screen, and sending an answer there with one tap."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.services import rerouting, unreached
from otklik.desk.deeds import Deed
from otklik.org.access import Permission


class ElsewhereForm(forms.Form):
    """What was refused, and where else it goes."""

    outgoing = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    message = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)


class ToldForm(forms.Form):
    """How the resident was told by a person."""

    how = forms.CharField(
        label=_("How they were told"),
        help_text=_("By phone, at a reception, by letter: when and by whom. It stays in the history."),
        max_length=300,
        error_messages={"required": _("Say how they were told: it stays in the history.")},
    )


class PrivatelyForm(forms.Form):
    """What was refused under a comment."""

    outgoing = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)


REACH_DEEDS = (
    Deed(
        "send_elsewhere",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: rerouting.send_elsewhere(a, c, said["outgoing"], said["message"], now=now) and None,
        _("The same answer is on its way there."),
        ElsewhereForm,
    ),
    Deed(
        "told_otherwise",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: unreached.told_otherwise(a, c, said["how"], now=now) and None,
        _("The answer counts as given."),
        ToldForm,
    ),
    Deed(
        "write_anew",
        Permission.CASE_DRAFT,
        lambda a, c, _s, now: unreached.write_anew(a, c, now=now) and None,
        _("It is a draft again: change it, and hand it on."),
    ),
    Deed(
        "send_privately",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: rerouting.send_privately(a, c, said["outgoing"], now=now) and None,
        _("The same answer is on its way to its author alone."),
        PrivatelyForm,
    ),
)
