"""Formal appeals: what the law gives here, and where residents make them."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from otklik.cases.services.appealing import save_rules
from otklik.cases.terms import rules_of
from otklik.desk.administration.forms.appeals import AppealRulesForm
from otklik.desk.administration.pages import attempt, city_of, done, page
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CITY_MANAGE)
def appeals(request: DeskRequest) -> HttpResponse:
    """Show and change the rules of formal appeals."""
    city = city_of(request)
    rules = rules_of(city)
    form = AppealRulesForm(request.POST or None, instance=rules, initial={"appeals_url": city.appeals_url})
    if request.method == "POST" and attempt(
        form, lambda: save_rules(request.access, rules, form.cleaned_data["appeals_url"])
    ):
        return done(request, _("Saved. Appeals that run keep their last day."), "appeals")
    return page(request, "appeals", "appeals", form=form)
