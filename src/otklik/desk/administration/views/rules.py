"""Rules of assignment: the list in its order, one rule, and which of them would decide about a text or a case."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.cases.rulecheck import Map, warnings
from otklik.cases.rules import AssignmentRule, Shift
from otklik.cases.services import ruling
from otklik.common.clock import now
from otklik.desk.administration.forms.rules import RuleForm, ShiftForm, TryForm
from otklik.desk.administration.pages import attempt, done, own, page, press
from otklik.desk.administration.ruletold import conditions, decision
from otklik.desk.administration.trying import try_rules
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.models import Place, Topic

managed = door(Permission.CITY_MANAGE)


@managed
def rules(request: DeskRequest) -> HttpResponse:
    """Show the rules in their order, what is wrong with them, and try a text or a case."""
    city = request.access.municipality_id
    form, trial = TryForm(request.GET if "text" in request.GET else None), None
    if form.is_bound and form.is_valid():
        trial = try_rules(request.access, form.cleaned_data["text"], now=now())
    return page(request, "rules", "rules", rows=_rows(city), form=form, trial=trial)


@managed
def edit(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a rule."""
    rule = own(request, _whole(), pk=pk) if pk else AssignmentRule()
    form = RuleForm(request.access, request.POST or None, instance=rule)
    if request.method == "POST" and attempt(form, lambda: ruling.save_rule(request.access, rule)):
        return done(request, _("Saved. It holds for new messages within seconds."), "rules")
    return page(request, "rule", "rules", form=form, rule=own(request, AssignmentRule, pk=pk) if pk else None)


@managed
@require_POST
def move(request: DeskRequest, pk: int) -> HttpResponse:
    """Let a rule be asked earlier or later."""
    rule = own(request, AssignmentRule, pk=pk)
    up = request.POST.get("step") == "up"
    words = _("“%(rule)s” is asked earlier now.") if up else _("“%(rule)s” is asked later now.")
    return press(request, lambda: ruling.move_rule(request.access, rule, up=up), words % {"rule": rule.name}, "rules")


@managed
@require_POST
def switch(request: DeskRequest, pk: int) -> HttpResponse:
    """Let a rule decide, or not for now."""
    rule = own(request, AssignmentRule, pk=pk)
    words = _("“%(rule)s” is off: it decides nothing.") if rule.is_on else _("“%(rule)s” decides again.")
    said, is_on = words % {"rule": rule.name}, not rule.is_on
    return press(request, lambda: ruling.switch_rule(request.access, rule, is_on=is_on), said, "rules")


@managed
@require_POST
def remove(request: DeskRequest, pk: int) -> HttpResponse:
    """Forget a rule."""
    rule = own(request, AssignmentRule, pk=pk)
    words = _("“%(rule)s” is removed.") % {"rule": rule.name}
    return press(request, lambda: ruling.remove_rule(request.access, rule), words, "rules")


@managed
def shifts(request: DeskRequest) -> HttpResponse:
    """List who works when, and take one more."""
    return _shifts(request, Shift())


@managed
def shift(request: DeskRequest, pk: int) -> HttpResponse:
    """Change when somebody works."""
    return _shifts(request, own(request, Shift.objects.select_related("official"), pk=pk))


@managed
@require_POST
def remove_shift(request: DeskRequest, pk: int) -> HttpResponse:
    """Forget a shift."""
    row = own(request, Shift.objects.select_related("official"), pk=pk)
    words = _("Removed.")
    return press(request, lambda: ruling.remove_shift(request.access, row), words, "shifts")


def _shifts(request: DeskRequest, row: Shift) -> HttpResponse:
    form = ShiftForm(request.access, request.POST or None, instance=row)
    if request.method == "POST" and attempt(form, lambda: ruling.save_shift(request.access, row)):
        return done(request, _("Saved. It holds for new messages within seconds."), "shifts")
    rows = Shift.objects.filter(municipality=request.access.municipality_id).select_related("official__department")
    ordered = rows.order_by("official__full_name", "starts", "id")
    return page(request, "shifts", "shifts", form=form, rows=list(ordered), shift=row if row.pk else None)


def _whole() -> QuerySet[AssignmentRule]:
    return AssignmentRule.objects.select_related("topic__parent", "place", "instead_of", "department", "official")


def _rows(city: int) -> list[dict[str, object]]:
    rules = list(_whole().filter(municipality=city))
    lies = Map.of(Place.objects.filter(municipality=city), Topic.objects.filter(municipality=city)) if rules else None
    wrong = warnings(rules, lies) if lies is not None else {}
    return [
        {
            "rule": rule,
            "when": conditions(rule),
            "then": decision(rule),
            "warning": wrong.get(rule.pk, ""),
        }
        for rule in rules
    ]
