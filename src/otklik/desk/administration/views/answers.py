"""When an approved answer goes out."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from otklik.cases.sendtimes import settings_of
from otklik.cases.services.scheduling import save_settings
from otklik.desk.administration.forms.answers import AnswerSettingsForm
from otklik.desk.administration.pages import attempt, done, page
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CITY_MANAGE)
def answers(request: DeskRequest) -> HttpResponse:
    """Show and change the city's rule for sending."""
    row = settings_of(request.access.municipality_id)
    form = AnswerSettingsForm(request.POST or None, instance=row)
    if request.method == "POST" and attempt(form, lambda: save_settings(request.access, row)):
        return done(request, _("Saved."), "answers")
    return page(request, "answers", "answers", form=form)
