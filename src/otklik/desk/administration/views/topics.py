"""Topics in their groups, and the service levels that they promise."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.common.clock import now
from otklik.desk.administration.forms.structure import LevelForm, TopicForm
from otklik.desk.administration.pages import attempt, done, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.models import ServiceLevel, Topic
from otklik.org.services import organising

managed = door(Permission.CITY_MANAGE)


@managed
def topics(request: DeskRequest) -> HttpResponse:
    """Show every group with its topics, the retired ones too."""
    rows = Topic.objects.filter(municipality=request.access.municipality_id)
    members: dict[int, list[Topic]] = {}
    groups: list[Topic] = []
    for topic in rows.select_related("department", "service_level"):
        if topic.parent_id is None:
            groups.append(topic)
        else:
            members.setdefault(topic.parent_id, []).append(topic)
    shown = [{"group": group, "topics": members.get(group.pk, [])} for group in groups]
    return page(request, "topics", "topics", groups=shown)


@managed
def edit_topic(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a topic or a group."""
    topic = own(request, Topic, pk=pk) if pk else Topic()
    initial = {"parent": request.GET.get("group", "")} if not pk else None
    form = TopicForm(request.access, request.POST or None, instance=topic, initial=initial)
    if request.method == "POST" and attempt(form, lambda: organising.save_topic(request.access, topic)):
        return done(request, _("Saved."), "topics")
    return page(request, "topic", "topics", form=form, topic=own(request, Topic, pk=pk) if pk else None)


@managed
@require_POST
def retire(request: DeskRequest, pk: int) -> HttpResponse:
    """Take a topic out of use; cases keep it."""
    topic = own(request, Topic, pk=pk)
    today = timezone.localtime(now()).date()
    words = _("Retired. Cases that have it keep it.")
    return press(request, lambda: organising.retire_topic(request.access, topic, today=today), words, "topics")


@managed
@require_POST
def restore(request: DeskRequest, pk: int) -> HttpResponse:
    """Bring a topic back."""
    topic = own(request, Topic, pk=pk)
    return press(request, lambda: organising.restore_topic(request.access, topic), _("In use again."), "topics")


@managed
def levels(request: DeskRequest) -> HttpResponse:
    """Show how soon we answer what."""
    rows = ServiceLevel.objects.filter(municipality=request.access.municipality_id).order_by("answer_minutes", "id")
    return page(request, "levels", "levels", levels=rows)


@managed
def edit_level(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a service level."""
    level = own(request, ServiceLevel, pk=pk) if pk else ServiceLevel()
    form = LevelForm(request.access, request.POST or None, instance=level)
    if request.method == "POST" and attempt(form, lambda: organising.save_service_level(request.access, level)):
        return done(request, _("Saved. Cases that are open keep their deadline."), "levels")
    return page(request, "level", "levels", form=form, level=own(request, ServiceLevel, pk=pk) if pk else None)
