"""Making it official: the way to a formal appeal about the matter of a case, with a text to begin from."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from otklik.cases import publicity, queries
from otklik.cases.models import Case
from otklik.cases.resembling import messages_brought, surviving
from otklik.cases.terms import rules_of
from otklik.cases.texts import appeal_text
from otklik.org.models import Municipality
from otklik.public.codes import case_of_code
from otklik.public.doors import cached_page, private_page, show


@require_safe
@private_page
def own(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """Offer the way with one's own words; nobody else sees this page."""
    case = case_of_code(request, city, code)
    said = [message for message in queries.messages_of(surviving(case)) if message.deleted_at is None]
    words = "\n\n".join(message.text for message in messages_brought(case, said) if message.text)
    return _page(request, city, case, words or case.summary, own=True)


@cached_page
def public(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Offer the way to anybody with the public words of a case, nothing personal in them."""
    try:
        case = publicity.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Http404 from error
    return _page(request, city, case, case.showing.text, own=False)


def _page(request: HttpRequest, city: Municipality, case: Case, words: str, *, own: bool) -> HttpResponse:
    if not city.appeals_url:
        raise Http404  # the city has named no way: there is nothing to offer
    rules = rules_of(city)
    place = case.place_text if own else (str(case.place) if case.place is not None else "")
    text = appeal_text(case, rules, words, place)
    context = {"section": "cases", "case": case, "rules": rules, "text": text, "own": own}
    return show(request, city, "public/official.html", context)
