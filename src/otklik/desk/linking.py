"""Cases tied together as "see also" on a case's screen."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.services import linking
from otklik.desk.deeds import Deed
from otklik.org.access import Permission


class UnlinkForm(forms.Form):
    """The other case."""

    number = forms.IntegerField(label=_("Number of the other case"), min_value=1, max_value=2**31 - 1)


class LinkForm(UnlinkForm):
    """The other case, and what they have to do with each other."""

    reason = forms.CharField(label=_("What they have to do with each other"), max_length=200, required=False)


LINK_DEEDS = (
    Deed(
        "link",
        Permission.CASE_NOTE,
        lambda a, c, said, now: linking.link(a, c, said["number"], said["reason"], now=now),
        _("Tied together: both cases show each other."),
        LinkForm,
    ),
    Deed(
        "unlink",
        Permission.CASE_NOTE,
        lambda a, c, said, now: linking.unlink(a, c, said["number"], now=now),
        _("No longer tied together."),
        UnlinkForm,
    ),
)
