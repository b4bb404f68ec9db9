"""Macros at the desk: chosen with a preview for one case or many, run, and kept by those who keep the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from otklik.cases.enums import WORKED_STATUSES, Status
from otklik.cases.macros import Macro
from otklik.cases.services import macros as service
from otklik.cases.services.snoozing import SnoozeFor
from otklik.cases.services.wording import templates_of
from otklik.common import clock
from otklik.desk.bulk import WHY, back_to, chosen_cases, told
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door
from otklik.desk.forms import Pick, pick_department, pick_topic
from otklik.desk.words import problem
from otklik.org.access import Access, Permission
from otklik.org.queries import departments_of, topics_of

_TAKEN = WORKED_STATUSES | {Status.NEW, Status.TRIAGE, Status.RETURNED}


class MacroForm(forms.Form):
    """What a macro does, and where it is offered."""

    name = forms.CharField(label=_("Name"), max_length=80)
    control = forms.BooleanField(label=_("Take under personal control"), required=False)
    snooze = forms.ChoiceField(
        label=_("Put out of my sight for a while"), choices=[("", _("no")), *SnoozeFor.choices], required=False
    )
    for_status = forms.ChoiceField(
        label=_("Only for cases that are"),
        choices=[("", _("any")), *((one.value, one.label) for one in Status if one in _TAKEN)],
        required=False,
    )

    def __init__(self, *args: Any, access: Access, **options: Any) -> None:
        super().__init__(*args, **options)
        city, nothing = access.municipality_id, _("leave as it is")
        templates = list(templates_of(access))
        self.fields["topic"] = pick_topic(topics_of(city), label=_("Correct the topic"), empty=nothing, required=False)
        self.fields["department"] = pick_department(
            departments_of(city), label=_("Pass to a department"), empty=nothing, required=False
        )
        self.fields["template"] = Pick(
            [(str(row.pk), row.name) for row in templates],
            templates,
            label=_("Begin a draft with the template"),
            empty=_("no draft"),
            required=False,
        )
        self.fields["for_topic"] = pick_topic(
            topics_of(city), label=_("Only for the topic"), empty=_("any"), required=False
        )
        self.order_fields(["name", "topic", "department", "template", "control", "snooze", "for_topic", "for_status"])


@dataclass(frozen=True, slots=True)
class Offer:
    """A macro with what it does and what it would do to the chosen cases."""

    macro: Macro
    does: list[str]
    ready: int
    refused: list[tuple[str, list[int]]]


@door(Permission.CASE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: DeskRequest) -> HttpResponse:
    """Show the macros for one case (`?case=` its number) or the chosen ones, each with what it would do."""
    if request.method == "POST":
        ids, single = chosen_cases(request), None
    else:
        number = request.GET.get("case", "")
        single = find_case(request.access, int(number)) if number.isdecimal() and len(number) < 10 else None
        ids = [single.pk] if single is not None else []
    try:
        plans = service.plans_for(request.access, ids, list(service.macros_of(request.access)), now=clock.now())
    except ValueError as error:
        messages.error(request, problem(error))
        return HttpResponseRedirect(reverse("desk:inbox"))
    offers = [_offer(plan) for plan in plans if single is None or "unfit" not in plan.refused]
    context = {
        "offers": sorted(offers, key=lambda one: not one.ready),
        "single": single,
        "ids": [] if request.POST.get("all") == "on" else ids,
        "all": request.POST.get("all") == "on",
        "back": back_to(request.POST.get("back", "")),
        "count": len(ids),
        "manages": request.access.holds(Permission.TEMPLATE_MANAGE),
    }
    return render(request, "desk/macros_choose.html", context)


@door(Permission.CASE_VIEW)
@require_POST
def run(request: DeskRequest, macro_id: int) -> HttpResponse:
    """Run a macro on the chosen cases, and say what was done; it can be taken back."""
    macro = service.macros_of(request.access).filter(pk=macro_id).first()
    if macro is None:
        raise Http404
    back = back_to(request.POST.get("back", ""))
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) < 10:
        back = reverse("desk:case", args=[int(number)])
    try:
        outcome = service.run_macro(request.access, macro, chosen_cases(request), now=clock.now())
    except ValueError as error:
        messages.error(request, problem(error))
        return HttpResponseRedirect(back)
    count = len(outcome.done)
    words = ngettext("“%(name)s”: %(n)s case changed.", "“%(name)s”: %(n)s cases changed.", count)
    undo_url = reverse("desk:bulk_undo", args=[outcome.action.pk]) if outcome.done else ""
    return told(request, outcome, words % {"name": macro.name, "n": count}, undo_url, back)


@door(Permission.TEMPLATE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: DeskRequest, macro_id: int | None = None) -> HttpResponse:
    """All macros, and a form for a new one or the chosen one."""
    chosen = _find(request, macro_id) if macro_id is not None else None
    form = MacroForm(request.POST or None, initial=_initial(chosen), access=request.access)
    if request.method == "POST" and form.is_valid():
        macro = chosen or Macro(municipality_id=request.access.municipality_id)
        for name, value in form.cleaned_data.items():
            setattr(macro, name, value)
        try:
            service.save_macro(request.access, macro)
        except ValueError as error:
            form.add_error(None, problem(error))
        else:
            messages.success(request, gettext("The macro is kept."))
            return HttpResponseRedirect(reverse("desk:macros"))
    rows = [(one, does(one)) for one in service.macros_of(request.access)]
    context = {"rows": rows, "form": form, "chosen": chosen}
    return render(request, "desk/macros.html", context, status=422 if form.errors else 200)


@door(Permission.TEMPLATE_MANAGE)
@require_POST
def delete(request: DeskRequest, macro_id: int) -> HttpResponse:
    """Delete a macro; the word about it offers to bring it back."""
    service.set_deleted(request.access, _find(request, macro_id), clock.now())
    undo = reverse("desk:macro_restore", args=[macro_id])
    messages.success(request, gettext("The macro is deleted."), extra_tags=undo)
    return HttpResponseRedirect(reverse("desk:macros"))


@door(Permission.TEMPLATE_MANAGE)
@require_POST
def restore(request: DeskRequest, macro_id: int) -> HttpResponse:
    """Bring a deleted macro back."""
    service.set_deleted(request.access, _find(request, macro_id), None)
    messages.success(request, gettext("The macro is back."))
    return HttpResponseRedirect(reverse("desk:macros"))


def does(macro: Macro) -> list[str]:
    """Return what a macro does, step by step, in words."""
    steps = []
    if macro.topic is not None:
        steps.append(gettext("topic “%(topic)s”") % {"topic": macro.topic.name})
    if macro.department is not None:
        steps.append(gettext("to %(department)s") % {"department": macro.department.title})
    if macro.template is not None:
        steps.append(gettext("a draft by the template “%(name)s”") % {"name": macro.template.name})
    if macro.control:
        steps.append(gettext("under personal control"))
    if macro.snooze:
        steps.append(gettext("out of my sight: %(how_long)s") % {"how_long": SnoozeFor(macro.snooze).label})
    return steps


def _offer(plan: service.Plan) -> Offer:
    refused = [(str(WHY[why]), numbers) for why, numbers in plan.refused.items()]
    return Offer(plan.macro, does(plan.macro), len(plan.ready), refused)


def _initial(macro: Macro | None) -> dict[str, Any]:
    if macro is None:
        return {}
    rows = {name: getattr(macro, f"{name}_id") for name in ("topic", "department", "template", "for_topic")}
    return {**rows, **{name: getattr(macro, name) for name in ("name", "control", "snooze", "for_status")}}


def _find(request: DeskRequest, macro_id: int) -> Macro:
    try:
        return Macro.objects.get(pk=macro_id, municipality=request.access.municipality_id)
    except Macro.DoesNotExist as error:
        raise Http404 from error
