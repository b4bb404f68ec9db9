"""Cases that everybody may see: the list, one of them, and what is left of one that was taken off."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from otklik.cases import publicity, queries
from otklik.cases.models import Case
from otklik.cases.openness import Showing
from otklik.cases.resembling import surviving
from otklik.cases.services.linking import public_links_of
from otklik.cases.standing import coming_next, standing
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public.doors import cached_page, show
from otklik.public.forms import LookForm
from otklik.public.timeline import steps_of
from otklik.residents.services.subscribing import can_write

_LIST_PAGE = 20


@cached_page
def listing(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show the cases that everybody may see, narrowed by what is looked for, newest first."""
    form = look_form(request, city)
    looking = form.looking()
    before = request.GET.get("before", "")
    before_id = int(before) if before.isdecimal() and before.isascii() and len(before) <= 18 else None
    cases, following = queries.page_after(publicity.looked_for(city.pk, looking), before_id, _LIST_PAGE)
    kept = form.kept()
    photos = publicity.public_photos(cases)
    here = f"{reverse('public:cases')}?{urlencode(kept)}"
    context = {
        "section": "cases",
        "shown": looking.show,
        "form": form,
        "narrowed": form.narrows(),
        "chips": _chips(kept),
        "rows": [{"case": case, "standing": standing(case), "photos": photos.get(case.pk)} for case in cases],
        "newer_url": here if before_id is not None else "",
        "older_url": f"{here}&before={following}" if following is not None else "",
        "map_url": f"{reverse('public:map')}?{urlencode(kept)}",
    }
    return show(request, city, "public/cases.html", context)


def look_form(request: HttpRequest, city: Municipality) -> LookForm:
    """Return what a reader looks for, from the address; two queries."""
    return LookForm(request.GET, districts=publicity.districts_of(city.pk), groups=publicity.groups_of(city.pk))


def _chips(kept: dict[str, str]) -> list[tuple[str, str]]:
    """Return, for each sort of cases, its code and the address with everything else as it is."""
    here = reverse("public:cases")
    return [(code, f"{here}?{urlencode({**kept, 'show': code})}") for code in publicity.SHOWS]


@cached_page
def problem(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Show a public case in the words that were cleared; of one that was taken off, since when and why."""
    try:
        case = publicity.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError):
        return _gone(request, city, number)
    now = clock.now()
    sent = list(queries.sent_answers_of(case))
    answers, before = publicity.answers_for_everybody(case, sent), publicity.before_for_everybody(case, sent)
    photos = publicity.public_photos([case]).get(case.pk, publicity.PublicPhotos())
    context = {
        "section": "cases",
        "case": case,
        "standing": standing(case),
        "next": coming_next(case, now=now),
        "steps": steps_of(case, queries.journal_of(case), now=now, own=False),
        "answers": [
            {
                "answer": answer,
                "text": text,
                "shown": photos.of_answers.get(answer.pk, []),
                "before": before.get(answer.pk, []),
            }
            for answer, text in answers
        ],
        "photos": photos,
        "joined_with": _joined_with(case),
        "see_also": public_links_of(case),
        "letters": can_write(city.pk),
    }
    return show(request, city, "public/public_case.html", context)


def _joined_with(case: Case) -> Case | None:
    """Return the case that answers for this one, if it is another and everybody may see it."""
    other = surviving(case)
    return other if other.pk != case.pk and other.is_public else None


def _gone(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    try:
        stone = publicity.tombstone_of(city.pk, number)
    except OverflowError:
        stone = None
    if stone is None:
        raise Http404
    return show(
        request, city, "public/taken_off.html", {"section": "cases", "number": number, **_why(stone)}, status=410
    )


def _why(stone: Showing) -> dict[str, Any]:
    if stone.withdrawn_at is None:
        return {"at": stone.message.deleted_at, "why": "deleted"}
    return {"at": stone.withdrawn_at, "why": stone.withdrawal or "deleted"}
