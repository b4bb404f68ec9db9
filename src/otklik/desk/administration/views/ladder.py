"""Who is told when a deadline nears or passed: the city's ladder."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from otklik.cases.ladder import escalation_of
from otklik.cases.services.escalating import save_escalation
from otklik.desk.administration.forms.rules import LadderForm
from otklik.desk.administration.pages import attempt, done, page
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CITY_MANAGE)
def ladder(request: DeskRequest) -> HttpResponse:
    """Show and change the ladder."""
    row = escalation_of(request.access.municipality_id)
    form = LadderForm(request.POST or None, instance=row)
    if request.method == "POST" and attempt(form, lambda: save_escalation(request.access, row, form.steps)):
        return done(request, _("Saved. Each open case follows it from its next step on."), "ladder")
    return page(request, "ladder", "ladder", form=form)
