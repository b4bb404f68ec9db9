"""Saved views: made from what narrows the list now, and the page where they are renamed, moved and deleted."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.cases.enums import Sharing
from otklik.cases.models import SavedView
from otklik.cases.services import viewing
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.desk.keeping import KEPT, saved_address
from otklik.desk.words import problem
from otklik.org.access import Permission


class ViewForm(forms.Form):
    """A view's name, and who else works with it."""

    name = forms.CharField(max_length=60)
    sharing = forms.ChoiceField(choices=Sharing.choices, initial=Sharing.OWN, required=False)


@door(Permission.CASE_VIEW)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """The views this person works with, and what may be done with each."""
    rows = [
        (view, saved_address(view), viewing.may_change(request.access, view))
        for view in viewing.views_of(request.access)
    ]
    return render(request, "desk/views.html", {"rows": rows})


@door(Permission.CASE_VIEW)
@require_POST
def save(request: DeskRequest) -> HttpResponse:
    """Keep the list that is narrowed now; its conditions come with the form, as they stand in its address."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name."))
        return HttpResponseRedirect(reverse("desk:inbox"))
    kept = {name: request.POST[f"kept_{name}"] for name in KEPT if request.POST.get(f"kept_{name}")}
    sharing = Sharing(form.cleaned_data["sharing"] or Sharing.OWN)
    try:
        view = viewing.save_view(request.access, form.cleaned_data["name"], kept, sharing)
    except ValueError as error:
        messages.error(request, problem(error))
        return HttpResponseRedirect(reverse("desk:views"))
    messages.success(request, _("Saved: it stands in the list of views."))
    return HttpResponseRedirect(saved_address(view))


@door(Permission.CASE_VIEW)
@require_POST
def rename(request: DeskRequest, view_id: int) -> HttpResponse:
    """Give a view another name."""
    try:
        viewing.rename_view(request.access, _find(request, view_id), request.POST.get("name", ""))
    except ValueError as error:
        messages.error(request, problem(error))
    return HttpResponseRedirect(reverse("desk:views"))


@door(Permission.CASE_VIEW)
@require_POST
def move(request: DeskRequest, view_id: int) -> HttpResponse:
    """Move a view up or down."""
    viewing.move_view(request.access, _find(request, view_id), 1 if request.POST.get("step") == "down" else -1)
    return HttpResponseRedirect(reverse("desk:views"))


@door(Permission.CASE_VIEW)
@require_POST
def delete(request: DeskRequest, view_id: int) -> HttpResponse:
    """Delete a view; the word about it offers to bring it back."""
    viewing.delete_view(request.access, _find(request, view_id), now=clock.now())
    messages.success(request, _("The view is deleted."), extra_tags=reverse("desk:view_restore", args=[view_id]))
    return HttpResponseRedirect(reverse("desk:views"))


@door(Permission.CASE_VIEW)
@require_POST
def restore(request: DeskRequest, view_id: int) -> HttpResponse:
    """Bring a deleted view back."""
    viewing.restore_view(request.access, _find(request, view_id))
    messages.success(request, _("The view is back."))
    return HttpResponseRedirect(reverse("desk:views"))


def _find(request: DeskRequest, view_id: int) -> SavedView:
    """Return the view if this person may change it. Raises Refused, Http404."""
    try:
        view = SavedView.objects.get(pk=view_id, municipality=request.access.municipality_id)
    except SavedView.DoesNotExist as error:
        raise Http404 from error
    viewing.require_change(request.access, view)
    return view
