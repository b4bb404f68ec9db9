"""What the desk's own templates draw with: {% load desk %}."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.forms import Form
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.services.bulk import kinds_for
from otklik.channels.models import MessageFile
from otklik.channels.whys import told
from otklik.common import clock
from otklik.common.codes import without_codes
from otklik.common.templatetags.look import pill, rail_item
from otklik.common.widgets import options
from otklik.desk import rows, words
from otklik.desk.rail import RailItem, rail_items
from otklik.desk.standing import standing_of
from otklik.media.models import StoredFile
from otklik.org.access import Permission
from otklik.org.queries import nearest, places_on_the_map

register = template.Library()

_URGENT = {3: "warn", 4: "bad"}


@register.simple_tag(takes_context=True)
def rail(context: Context, current: str) -> SafeString:
    """Draw the views of the person who is signed in, with how much waits in each."""
    request = context["request"]
    change = context.get("change")
    items = rail_items(request.access, current, standing_of(request), now=clock.now(), change=change)
    return format_html_join("\n", "{}", ((_rail_item(item),) for item in items))


def _rail_item(item: RailItem) -> SafeString:
    return _drawn_item(item.url, item.sign, str(item.label), item.count, item.tone, item.current, item.later)


@lru_cache(maxsize=4096)
def _drawn_item(url: str, sign: str, label: str, *more: Any) -> SafeString:
    count, tone, current, later = more
    return rail_item(url=url, sign=sign, label=label, count=count, tone=tone, current=current, later=later)


@register.simple_tag(takes_context=True)
def searches(context: Context) -> bool:
    """Return whether the person who is signed in may see cases anywhere, and so search. Not on the pages of one's own
    account, which stand outside the desk's door."""
    access = getattr(context["request"], "access", None)
    return access is not None and bool(access.holds(Permission.CASE_VIEW))


@register.simple_tag
def options_of(form: Form, field: str) -> SafeString:
    """Draw what a form lets one choose, without its empty choice, as the options of another select."""
    return options(choice for choice in getattr(form.fields[field], "choices", ()) if choice[0])


@register.simple_tag(takes_context=True)
def case_rows(context: Context, cases: Sequence[Case], query: str, chosen: object) -> SafeString:
    """Draw the rows of a list of cases; `chosen` is the id of the one that is open beside it."""
    picks = bool(kinds_for(context["request"].access))
    return rows.case_rows(cases, now=clock.now(), query=query, chosen=chosen, picks=picks)


@register.simple_tag(takes_context=True)
def case_row_swapped(context: Context, case: Case, query: str) -> SafeString:
    """Draw the row of the open case anew, to take the place of the one in the list."""
    picks = bool(kinds_for(context["request"].access))
    return rows.case_row_swapped(case, now=clock.now(), query=query, picks=picks)


@register.filter
def why(reason: str) -> str:
    """Return why a message was decided about as it was, in the reader's language."""
    return told(reason)


@register.simple_tag
def urgency_dot(case: Case) -> SafeString:
    """Draw how urgent a case is: a dot, and the word for those who don't see it."""
    return rows.urgency_dot(case.urgency)


@register.simple_tag
def others_mark() -> SafeString:
    """Draw the place where a row says who else is there."""
    return rows.others_mark()


@register.simple_tag
def urgency_pill(case: Case) -> SafeString | str:
    """Name an urgency that calls for haste; nothing for an ordinary one."""
    if case.urgency not in _URGENT:
        return ""
    return pill("alarm", str(words.URGENCY[case.urgency]), _URGENT[case.urgency])


@register.simple_tag
def deadline(case: Case) -> SafeString:
    """Say by when the answer is owed or how late it is, with the exact time on hover; nothing once it is given."""
    return rows.deadline(case, now=clock.now())


register.filter("place_of", rows.place_of)
register.filter("without_codes", without_codes)


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
def attachment_words(attachment: dict[str, Any]) -> str:
    """Return what came along with a message."""
    kinds = {"photo": _("photo"), "image": _("photo"), "video": _("video"), "audio": _("recording"), "file": _("file")}
    kinds |= {"document": _("file"), "voice": _("recording"), "animation": _("video"), "video_note": _("video")}
    kind = kinds.get(str(attachment.get("kind", "")), _("attachment"))
    name = str(attachment.get("filename", ""))
    return f"{kind}: {name}" if name else kind
