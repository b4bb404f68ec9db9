"""Understanding texts: how good the city's triage is, what it learns from, which version is in use."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.common.clock import now
from otklik.desk.administration.forms.understanding import PrecisionForm
from otklik.desk.administration.modelcard import model_card
from otklik.desk.administration.pages import attempt, city_of, done, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.teaching.enums import RefitState
from otklik.teaching.models import Version
from otklik.teaching.queries import last_refit
from otklik.teaching.services import choosing, refitting

managed = door(Permission.TRIAGE_MANAGE)
_BUSY = (RefitState.QUEUED, RefitState.RUNNING)


@managed
@require_safe
def card(request: DeskRequest) -> HttpResponse:
    """The card of the version in use."""
    return _show(request)


@managed
@require_safe
def progress(request: DeskRequest) -> HttpResponse:
    """How far the refit is, for the page that shows it; when it ends, the page is drawn anew."""
    refit = last_refit(request.access.municipality_id)
    busy = refit is not None and refit.state in _BUSY
    answer = render(request, "desk/administration/refit_progress.html", {"refit": refit, "busy": busy})
    if not busy:
        answer["HX-Refresh"] = "true"
    return answer


@managed
@require_POST
def refit(request: DeskRequest) -> HttpResponse:
    """Learn anew now."""
    words = _("It learns now; messages go on being sorted meanwhile.")
    return press(request, lambda: refitting.ask(request.access, now=now()), words, "understanding")


@managed
@require_POST
def use(request: DeskRequest, number: int) -> HttpResponse:
    """Put a version in use; 0 is the knowledge that came with the product."""
    version = own(request, Version, number=number) if number else None
    words = (
        _("Version %(number)s is in use within seconds.") % {"number": number}
        if number
        else _("The knowledge that came with the product is in use within seconds.")
    )
    return press(request, lambda: choosing.use(request.access, version, now=now()), words, "understanding")


@managed
@require_POST
def precision(request: DeskRequest) -> HttpResponse:
    """Say how sure it must be."""
    form = PrecisionForm(request.POST)

    def change() -> None:
        said = form.cleaned_data
        choosing.set_precision(request.access, group=said["group"], topic=said["topic"], now=now())

    if attempt(form, change):
        return done(request, _("Saved; it counts within seconds."), "understanding")
    return _show(request, form)


@managed
@require_safe
def version(request: DeskRequest, number: int) -> HttpResponse:
    """The card of any version, also of one that was refused."""
    chosen = own(request, Version.objects.defer("learnt"), number=number)
    if not chosen.card:
        raise Http404
    return _show(request, chosen=chosen)


def _show(request: DeskRequest, form: PrecisionForm | None = None, *, chosen: Version | None = None) -> HttpResponse:
    learning = refitting.learning_of(city_of(request), now=now())
    values = {"group": round(100 * learning.group_precision), "topic": round(100 * learning.topic_precision)}
    shown = model_card(city_of(request), learning, chosen or learning.in_use, now=now())
    return page(
        request,
        "understanding",
        "understanding",
        card=shown,
        form=form or PrecisionForm(initial=values),
        chosen=chosen,
        may_teach=request.access.holds(Permission.TRIAGE_TEACH),
    )
