"""What the desk's own templates draw with: {% load desk %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.cases.services.bulk import kinds_for
from otklik.channels.enums import Network
from otklik.channels.models import Channel, MessageFile
from otklik.common import clock, human
from otklik.common.templatetags.look import icon, pill
from otklik.desk import words
from otklik.desk.rail import rail_items
from otklik.media.models import StoredFile
from otklik.org.queries import nearest, places_on_the_map

register = template.Library()

_URGENT = {3: "warn", 4: "bad"}


@register.inclusion_tag("desk/parts/rail.html", takes_context=True)
def rail(context: Context, current: str) -> dict[str, Any]:
    """Draw the views of the person who is signed in, with how much waits in each."""
    return {"items": rail_items(context["request"].access, current, now=clock.now())}


@register.simple_tag(takes_context=True)
def picks(context: Context) -> bool:
    """Return whether rows can be chosen, to do something with many at once."""
    return bool(kinds_for(context["request"].access))


@register.simple_tag
def urgency_dot(case: Case) -> SafeString:
    """Draw how urgent a case is: a dot, and the word for those who don't see it."""
    label = str(words.URGENCY.get(case.urgency, words.URGENCY[0]))
    return format_html(
        '<span class="urgency u{}" title="{}"><span class="for-screen-readers">{}</span></span>',
        case.urgency,
        label,
        label,
    )


@register.simple_tag
def urgency_pill(case: Case) -> SafeString | str:
    """Name an urgency that calls for haste; nothing for an ordinary one."""
    if case.urgency not in _URGENT:
        return ""
    return pill("alarm", str(words.URGENCY[case.urgency]), _URGENT[case.urgency])


@register.simple_tag
def deadline(case: Case) -> SafeString | str:
    """Say by when the answer is owed or how late it is, with the exact time on hover; nothing once it is given."""
    found = words.deadline(case, now=clock.now())
    if found is None or case.answer_due_at is None:
        return ""
    return format_html(
        '<span class="deadline tone-{}">{}<time datetime="{}" title="{}">{}</time></span>',
        found.tone or "none",
        icon("alarm" if found.tone == "bad" else "clock"),
        case.answer_due_at.isoformat(timespec="seconds"),
        human.exact(case.answer_due_at),
        found.words,
    )


@register.filter
def place_of(case: Case) -> str:
    """Return where a case is about, in the words that say most."""
    return case.place_text or (case.place.name if case.place is not None else "")


@register.simple_tag(takes_context=True)
def near(context: Context, file: StoredFile) -> str:
    """Say where a photo was taken, as its camera told: by the nearest place we know, and in degrees.

    A suggestion for the operator. The places are read once for a screen, and only where a photo says something.
    """
    if file.lat is None or file.lon is None:
        return ""
    kept = vars(context["request"]).setdefault("places_on_the_map", {})
    if file.municipality_id not in kept:
        kept[file.municipality_id] = places_on_the_map(file.municipality_id)
    point = f"{file.lat:.5f}, {file.lon:.5f}"
    place = nearest(kept[file.municipality_id], file.lat, file.lon)
    if place is None:
        return _("The photo says it was taken at %(point)s") % {"point": point}
    return _("The photo says it was taken near %(place)s (%(point)s)") % {"place": place.name, "point": point}


@register.filter
def file_words(row: MessageFile) -> str:
    """Return what a file is that we don't have."""
    return attachment_words({"kind": row.kind, "filename": row.filename})


@register.filter
def status_words(case: Case) -> str:
    """Return the status as people read it; for lists: `get_status_display` makes a table of all at each call."""
    return str(Status(case.status).label)


@register.filter
def network_words(channel: Channel) -> str:
    """Return the network as people call it; for lists, as `status_words`."""
    return str(Network(channel.network).label)


@register.filter
def attachment_words(attachment: dict[str, Any]) -> str:
    """Return what came along with a message."""
    kinds = {"photo": _("photo"), "image": _("photo"), "video": _("video"), "audio": _("recording"), "file": _("file")}
    kinds |= {"document": _("file"), "voice": _("recording"), "animation": _("video"), "video_note": _("video")}
    kind = kinds.get(str(attachment.get("kind", "")), _("attachment"))
    name = str(attachment.get("filename", ""))
    return f"{kind}: {name}" if name else kind
