"""Notes beside a case, and the page where templates of answers are kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from otklik.cases.enums import WORKED_STATUSES, Status
from otklik.cases.jottings import AnswerTemplate
from otklik.cases.services import wording
from otklik.cases.services.noting import LONGEST, write_note
from otklik.common import clock
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door, go_to, wants_fragment
from otklik.desk.forms import pick_department, pick_topic
from otklik.desk.inbox import show_case
from otklik.desk.words import problem
from otklik.org.access import Permission
from otklik.org.queries import departments_of, topics_of


class TemplateForm(forms.Form):
    """A template's words, and where it is offered."""

    name = forms.CharField(label=_("Name"), max_length=80)
    text = forms.CharField(
        label=_("Words"),
        max_length=wording.LONGEST,
        help_text=_("{name}, {number}, {address}, {department} and {promised} are filled in."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    status = forms.ChoiceField(
        label=_("Only for cases that are"),
        choices=[("", _("any")), *((one.value, one.label) for one in Status if one in WORKED_STATUSES)],
        required=False,
    )

    def __init__(self, *args: Any, municipality_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department"] = pick_department(
            departments_of(municipality_id), label=_("Only for the department"), empty=_("any"), required=False
        )
        self.fields["topic"] = pick_topic(
            topics_of(municipality_id), label=_("Only for the topic"), empty=_("any"), required=False
        )


@door(Permission.CASE_NOTE)
@require_POST
def note(request: DeskRequest, number: int) -> HttpResponse:
    """Write a note; what was refused comes back with what was typed."""
    case = find_case(request.access, number)
    text = request.POST.get("note", "")[: LONGEST + 1]
    mentioned = [int(one) for one in request.POST.getlist("mention")[:50] if one.isdecimal() and len(one) < 19]
    try:
        write_note(request.access, case, text, mentioned, now=clock.now())
    except ValueError as error:
        return show_case(request, case, problem=problem(error), status=422)
    messages.success(request, gettext("Noted; only colleagues see it."))
    if wants_fragment(request):
        return show_case(request, find_case(request.access, number))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return go_to(request, f"{reverse('desk:case', args=[number])}{query}")


@door(Permission.TEMPLATE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: DeskRequest, template_id: int | None = None) -> HttpResponse:
    """All templates, and a form for a new one or the chosen one."""
    chosen = _find(request, template_id) if template_id is not None else None
    initial = None
    if chosen is not None:
        initial = {name: getattr(chosen, name) for name in ("name", "text", "status")}
        initial |= {"department": chosen.department_id, "topic": chosen.topic_id}
    form = TemplateForm(request.POST or None, initial=initial, municipality_id=request.access.municipality_id)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            wording.save_template(request.access, **said, template=chosen)
        except ValueError as error:
            form.add_error(None, problem(error))
        else:
            messages.success(request, gettext("The template is kept."))
            return HttpResponseRedirect(reverse("desk:templates"))
    access = request.access
    rows = [(one, access.allows(Permission.TEMPLATE_MANAGE, one.department_id)) for one in wording.templates_of(access)]
    context = {"rows": rows, "form": form, "chosen": chosen}
    return render(request, "desk/templates.html", context, status=422 if form.errors else 200)


@door(Permission.TEMPLATE_MANAGE)
@require_POST
def template_delete(request: DeskRequest, template_id: int) -> HttpResponse:
    """Delete a template; the word about it offers to bring it back."""
    wording.delete_template(request.access, _find(request, template_id), now=clock.now())
    undo = reverse("desk:template_restore", args=[template_id])
    messages.success(request, gettext("The template is deleted."), extra_tags=undo)
    return HttpResponseRedirect(reverse("desk:templates"))


@door(Permission.TEMPLATE_MANAGE)
@require_POST
def template_restore(request: DeskRequest, template_id: int) -> HttpResponse:
    """Bring a deleted template back."""
    wording.restore_template(request.access, _find(request, template_id))
    messages.success(request, gettext("The template is back."))
    return HttpResponseRedirect(reverse("desk:templates"))


def _find(request: DeskRequest, template_id: int) -> AnswerTemplate:
    """Return the template if this person may change it. Raises Refused, Http404."""
    try:
        found = AnswerTemplate.objects.get(pk=template_id, municipality=request.access.municipality_id)
    except AnswerTemplate.DoesNotExist as error:
        raise Http404 from error
    wording.require_template(request.access, found)
    return found
