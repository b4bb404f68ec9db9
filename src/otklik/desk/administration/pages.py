"""What every page of administration does alike: draw, find its own rows, try a change, say that it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from otklik.desk.administration.sections import sections_for
from otklik.desk.doors import DeskRequest
from otklik.desk.rail import WRITES
from otklik.org.access import Permission
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality, TenantModel

Row = TypeVar("Row", bound=TenantModel)


def page(request: DeskRequest, name: str, section: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Draw `desk/administration/<name>.html`; a form with errors makes it 422."""
    form = context.get("form")
    if isinstance(form, forms.BaseForm) and form.errors:
        status = 422
    shown = {
        "section": section,
        "sections": sections_for(request.access),
        "has_desk": any(request.access.holds(permission) for permission in (Permission.CASE_VIEW, *WRITES)),
        "city": city_of(request),
        **context,
    }
    return render(request, f"desk/administration/{name}.html", shown, status=status)


def city_of(request: DeskRequest) -> Municipality:
    """Return the city of the official who asks."""
    return request.access.official.municipality


def own(request: DeskRequest, rows: type[Row] | QuerySet[Row], **which: Any) -> Row:
    """Return the one row of the official's own city that is meant; another city's row is a 404 like any unknown one."""
    return get_object_or_404(rows, municipality=request.access.municipality_id, **which)


def attempt(form: forms.BaseForm, change: Callable[[], object]) -> bool:
    """Make a change if the form is whole; a refusal is shown beside its field. Returns whether it was made."""
    if not form.is_valid():
        return False
    try:
        change()
    except NotPossible as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    return True


def press(request: DeskRequest, change: Callable[[], object], words: str, to: str, *arguments: Any) -> HttpResponse:
    """Make the change of a button and go on to `to`; a refusal is said there."""
    try:
        change()
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return go(to, *arguments)


def done(request: DeskRequest, words: str, to: str, *arguments: Any) -> HttpResponse:
    """Say that something is done, on the page that comes next."""
    messages.success(request, words)
    return go(to, *arguments)


def go(to: str, *arguments: Any) -> HttpResponse:
    """Go to a page of administration."""
    return redirect(reverse(f"desk:administration:{to}", args=arguments))
