"""Taking up an invitation: the one page of the desk for people who have no account yet."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from otklik.common.clock import now
from otklik.org.errors import NotPossible
from otklik.org.models import Invitation
from otklik.org.services import inviting


class JoinForm(forms.Form):
    """A password of one's own."""

    password = forms.CharField(
        label=_("Make up a password"),
        help_text=_("At least 10 characters; a few unrelated words are easy to remember and hard to guess."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
        error_messages={"required": _("Make up a password.")},
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password a second time.")},
    )

    def clean(self) -> dict[str, Any]:
        """Compare both passwords."""
        cleaned = super().clean() or {}
        if {"password", "again"} <= cleaned.keys() and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The passwords differ: type the same one twice."))
        return cleaned


@never_cache
@sensitive_post_parameters("password", "again")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation and let its owner in with a password of their own. A dead link says so."""
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="login")
    if limited is not None:
        return limited
    invitation = inviting.open_invitation(token, now=now())
    if invitation is None:
        return render(request, "account/join_closed.html", status=410)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            official = inviting.accept(token, form.cleaned_data["password"], now=now())
        except NotPossible as error:
            form.add_error(error.field or None, str(error))
        else:
            # By allauth's own way in: somebody with a second factor is asked for it here too.
            signed_in: HttpResponse = perform_login(request, Login(user=official, email=official.email))
            return signed_in
    return _page(request, invitation, form)


def _page(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    context = {"invitation": invitation, "form": form, "city": invitation.municipality}
    return render(request, "account/join.html", context, status=422 if form.errors else 200)
