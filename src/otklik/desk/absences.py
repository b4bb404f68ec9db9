"""Who is away and who stands in; and the open cases of those who left."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from otklik.cases.services import handing
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.desk.notices import anybody
from otklik.org.absences import absences_of
from otklik.org.access import Access, Permission
from otklik.org.enums import AbsenceKind
from otklik.org.errors import NotPossible
from otklik.org.models import Absence, Official
from otklik.org.services.substituting import Away, end_absence, enter_absence

_DAY = {"type": "date"}


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """A colleague, named with the department."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name and where they work."""
        where = obj.department.title if obj.department is not None else obj.position
        return f"{obj.full_name} ({where})" if where else str(obj.full_name)


def _colleagues(access: Access) -> Any:
    rows = Official.objects.filter(municipality=access.municipality_id, is_active=True).select_related("department")
    return rows.order_by("full_name", "id")


class AbsenceForm(forms.Form):
    """Who is away, from when to when, and who stands in; `official` only for whoever enters those of others."""

    kind = forms.TypedChoiceField(label=gettext_lazy("Why"), choices=AbsenceKind.choices, coerce=AbsenceKind)
    first = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose the day."), "invalid": gettext_lazy("Choose the day.")},
    )
    last = forms.DateField(
        label=gettext_lazy("Until, with this day"),
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose the day."), "invalid": gettext_lazy("Choose the day.")},
    )

    def __init__(self, access: Access, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.me = access.official
        wrong = {
            "required": gettext_lazy("Choose one of the list."),
            "invalid_choice": gettext_lazy("Choose one of the list."),
        }
        people = _colleagues(access)
        if access.holds(Permission.ABSENCE_MANAGE):
            self.fields["official"] = PersonChoice(
                people, label=gettext_lazy("Who is away"), initial=access.official, error_messages=wrong
            )
        self.fields["substitute"] = PersonChoice(
            people,
            label=gettext_lazy("Who stands in"),
            empty_label="",
            error_messages=wrong,
            help_text=gettext_lazy("They see and do what the one who is away could, and hear what is told to them."),
        )
        self.order_fields(["official", "substitute", "kind", "first", "last"])

    @property
    def away(self) -> Away:
        """What was typed."""
        said = self.cleaned_data
        return Away(said.get("official") or self.me, said["substitute"], said["kind"], said["first"], said["last"])


@anybody
def listing(request: DeskRequest) -> HttpResponse:
    """Show who is away now and soon, and take one more absence."""
    form = AbsenceForm(request.access, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            absence = enter_absence(request.access, form.away, now=clock.now())
        except NotPossible as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            words = _("Entered: %(whom)s stands in for %(who)s.")
            told = {"who": absence.official.full_name, "whom": absence.substitute.full_name}
            messages.success(request, words % told)
            return redirect("desk:absences")
    return _draw(request, form)


@anybody
@require_POST
def end(request: DeskRequest, absence_id: int) -> HttpResponse:
    """Let somebody be back now; one's own, or another's with the permission."""
    rows = Absence.objects.filter(municipality=request.access.municipality_id)
    absence = get_object_or_404(rows.select_related("official", "substitute"), pk=absence_id)
    end_absence(request.access, absence, now=clock.now())
    messages.success(request, _("%(who)s is back.") % {"who": absence.official.full_name})
    return redirect("desk:absences")


@door(Permission.CASE_ASSIGN)
@require_POST
def hand_over(request: DeskRequest, official_id: int) -> HttpResponse:
    """Give all open cases of somebody to a colleague, or back to the departments."""
    people = Official.objects.filter(municipality=request.access.municipality_id)
    official, chosen = get_object_or_404(people, pk=official_id), request.POST.get("to", "")
    to = get_object_or_404(people, pk=int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None
    try:
        handed = handing.hand_over(request.access, official, to, now=clock.now())
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("desk:absences")
    words = ngettext("%(n)s case handed over.", "%(n)s cases handed over.", handed.done) % {"n": handed.done}
    if handed.stayed:
        stayed = _("%(n)s stay: this colleague doesn't answer for their department.") % {"n": handed.stayed}
        words = f"{words} {stayed}"
    messages.success(request, words)
    return redirect("desk:absences")


def _draw(request: DeskRequest, form: AbsenceForm) -> HttpResponse:
    access, now = request.access, clock.now()
    rows = [
        {
            "absence": one,
            "is_now": one.starts_at <= now,
            "is_mine": one.substitute_id == access.official.pk,
            "may_end": one.official_id == access.official.pk or access.holds(Permission.ABSENCE_MANAGE),
        }
        for one in absences_of(access.municipality_id, since=now)
    ]
    context = {
        "form": form,
        "rows": rows,
        "left": handing.left_behind(access) if access.holds(Permission.CASE_ASSIGN) else [],
        "people": _colleagues(access) if access.holds(Permission.CASE_ASSIGN) else [],
        "city": access.official.municipality,
    }
    return render(request, "desk/absences.html", context, status=422 if form.errors else 200)
