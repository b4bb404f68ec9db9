"""When many voices are a surge: the city's own thresholds."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from otklik.desk.administration.forms.surges import SurgeSettingsForm
from otklik.desk.administration.pages import attempt, done, page
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.pulse.queries import settings_of
from otklik.pulse.services.setting import save_surge_settings


@door(Permission.CITY_MANAGE)
def surges(request: DeskRequest) -> HttpResponse:
    """Show and change the thresholds."""
    row = settings_of(request.access.municipality_id)
    form = SurgeSettingsForm(request.POST or None, instance=row)
    if request.method == "POST" and attempt(form, lambda: save_surge_settings(request.access, row)):
        return done(request, _("Saved."), "surges")
    return page(request, "surges", "surges", form=form)
