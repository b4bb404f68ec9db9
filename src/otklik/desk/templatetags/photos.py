"""What the desk's templates say of photos: {% load photos %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from otklik.cases.control import ControlReport
from otklik.cases.models import Answer
from otklik.channels.models import Message
from otklik.desk.casescreen import CaseScreen
from otklik.org.access import Permission

register = template.Library()


@register.simple_tag
def photo_way(screen: CaseScreen, message: Message) -> SafeString | str:
    """Say how the answer's photos go where a message was written; nothing where there are none."""
    words = screen.pictures.way(message)
    return format_html(", {}", words) if words else ""


@register.inclusion_tag("otklik/parts/pictures.html")
def photos_of_sent(screen: CaseScreen, answer: Answer) -> dict[str, Any]:
    """Draw the photos that went with an answer."""
    return {"files": screen.pictures.album.of_answer(answer), "base": "/desk/files/"}


@register.inclusion_tag("desk/parts/resident_photos.html", takes_context=True)
def resident_photos(context: Context, screen: CaseScreen | None, message: Message) -> dict[str, Any]:
    """Draw what may be said of a resident's photos, and whether one is before or after; nothing elsewhere."""
    if not isinstance(screen, CaseScreen) or message.is_ours or message.deleted_at is not None:
        return {}
    access = context["request"].access
    department = screen.case.department_id
    kept = ((one, one.file) for one in message.files.all() if one.file is not None)
    pictures = [(one, file) for one, file in kept if file.is_picture and file.is_ready]
    sides = {photo.file_id: photo.side for photo in screen.pictures.album.photos if photo.side}
    return {
        "request": context["request"],
        "case": screen.case,
        "rows": [(one, sides.get(file.pk, "")) for one, file in pictures],
        "may_describe": access.allows(Permission.CASE_NOTE, department),
        "may_mark": access.allows(Permission.CASE_DRAFT, department),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("otklik/parts/pictures.html")
def photos_of_report(screen: CaseScreen, report: ControlReport) -> dict[str, Any]:
    """Draw the photos of a report to the head."""
    return {"files": screen.pictures.album.of_report(report.pk), "base": "/desk/files/"}
