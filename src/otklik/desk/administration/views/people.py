"""People: who works on the desk, with which roles, and how they get in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from otklik.cases.services import handing
from otklik.common.clock import now
from otklik.desk.administration.forms.people import InviteForm, PersonForm, RoleForm
from otklik.desk.administration.pages import attempt, done, go, own, page, press
from otklik.desk.administration.reading import open_invitations, people_of, with_second_factor
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import Invitation, Official, RoleGrant
from otklik.org.services import inviting, staffing

managed = door(Permission.PEOPLE_MANAGE)


@managed
def people(request: DeskRequest) -> HttpResponse:
    """List everybody and the invitations that wait."""
    officials = list(people_of(request.access.municipality_id))
    return page(
        request,
        "people",
        "people",
        officials=officials,
        protected=with_second_factor(officials),
        invitations=open_invitations(request.access.municipality_id, now=now()),
    )


@managed
@sensitive_variables("token")
def invite(request: DeskRequest) -> HttpResponse:
    """Invite somebody, and show the link this once."""
    form = InviteForm(request.access, request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            invitation, token = inviting.invite(
                request.access,
                asked["email"],
                asked["full_name"],
                Role(asked["role"]),
                asked["department"],
                now=now(),
            )
        except NotPossible as error:
            form.add_error(error.field or None, str(error))
        else:
            return _link(request, invitation, token)
    return page(request, "invite", "people", form=form)


@managed
@require_POST
def revoke(request: DeskRequest, pk: int) -> HttpResponse:
    """Stop an invitation."""
    invitation = own(request, Invitation, pk=pk)
    stopped = _("The invitation doesn't work any more.")
    return press(request, lambda: inviting.revoke(request.access, invitation, now=now()), stopped, "people")


@managed
def person(request: DeskRequest, pk: int) -> HttpResponse:
    """Show a person, and take changes of who they are."""
    official = _official(request, pk)
    form = PersonForm(request.access, request.POST or None, instance=official)
    if request.method == "POST" and attempt(form, lambda: staffing.change_person(request.access, official)):
        return done(request, _("Saved."), "person", pk)
    return _person_page(request, pk, form=form)


@managed
@require_POST
def grant(request: DeskRequest, pk: int) -> HttpResponse:
    """Give one more role."""
    official = _official(request, pk)
    form = RoleForm(request.access, request.POST, auto_id="role_%s")

    def give() -> None:
        asked = form.cleaned_data
        staffing.grant_role(request.access, official, Role(asked["role"]), asked["department"])

    if attempt(form, give):
        return done(request, _("The role is given."), "person", pk)
    return _person_page(request, pk, role_form=form)


@managed
@require_POST
def withdraw(request: DeskRequest, pk: int, grant_pk: int) -> HttpResponse:
    """Take a role back."""
    given = own(request, RoleGrant, pk=grant_pk, official=pk)
    taken = _("The role is taken back.")
    return press(request, lambda: staffing.withdraw_role(request.access, given), taken, *_after(request, pk))


@managed
@require_POST
@sensitive_variables("token")
def new_link(request: DeskRequest, pk: int) -> HttpResponse:
    """Make a link for a new password, and show it this once."""
    official = _official(request, pk)
    try:
        invitation, token = inviting.invite_again(request.access, official, now=now())
    except NotPossible as error:
        messages.error(request, str(error))
        return go("person", pk)
    return _link(request, invitation, token)


@managed
@require_POST
def off(request: DeskRequest, pk: int) -> HttpResponse:
    """Keep a person out."""
    official = _official(request, pk)
    words = _("%(name)s can't come in any more.") % {"name": official.full_name}
    return press(request, lambda: handing.let_go(request.access, official, now=now()), words, "person", pk)


@managed
@require_POST
def on(request: DeskRequest, pk: int) -> HttpResponse:
    """Let a person in again."""
    official = _official(request, pk)
    words = _("%(name)s can come in again.") % {"name": official.full_name}
    return press(request, lambda: staffing.switch_on(request.access, official), words, "person", pk)


@managed
@require_POST
def reset_factor(request: DeskRequest, pk: int) -> HttpResponse:
    """Forget a person's second factor."""
    official = _official(request, pk)
    words = _("The second factor is forgotten: the password alone lets in until it is set up again.")
    return press(request, lambda: staffing.reset_second_factor(request.access, official), words, "person", pk)


def _official(request: DeskRequest, pk: int) -> Official:
    return own(request, people_of(request.access.municipality_id), pk=pk)


def _after(request: DeskRequest, pk: int) -> tuple[str] | tuple[str, int]:
    """Return where to go after a role was taken: whoever took their own administration can't stay."""
    return ("home",) if pk == request.access.official.pk else ("person", pk)


def _link(request: DeskRequest, invitation: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("join", args=[token]))
    return page(request, "invited", "people", invitation=invitation, link=link)


def _person_page(
    request: DeskRequest, pk: int, *, form: PersonForm | None = None, role_form: RoleForm | None = None
) -> HttpResponse:
    # Read again: a form that was refused has its wrong values on the row it was given.
    official = _official(request, pk)
    return page(
        request,
        "person",
        "people",
        status=422 if role_form else 200,
        official=official,
        form=form or PersonForm(request.access, instance=official),
        role_form=role_form or RoleForm(request.access, auto_id="role_%s"),
        is_protected=official.pk in with_second_factor([official]),
        is_me=official.pk == request.access.official.pk,
    )
