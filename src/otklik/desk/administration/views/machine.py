"""The city's own language model: off until an administrator says what may leave, and whereto."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from otklik.assist.queries import settings_of
from otklik.assist.services.setting import save_model_settings
from otklik.common.clock import now
from otklik.desk.administration.forms.machine import ModelForm
from otklik.desk.administration.pages import attempt, done, page
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CITY_MANAGE)
def machine(request: DeskRequest) -> HttpResponse:
    """Show and change it."""
    row = settings_of(request.access.municipality_id)
    form = ModelForm(row, request.POST or None)
    if request.method == "POST" and attempt(form, lambda: save_model_settings(request.access, form.choice, now=now())):
        return done(request, _("Saved."), "machine")
    return page(request, "machine", "machine", form=form, row=row)
