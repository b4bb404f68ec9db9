"""Feeds to follow by: the newest public cases, and every step of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.cases import publicity, queries
from otklik.cases.models import Case
from otklik.cases.standing import standing
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public.doors import cached_page
from otklik.public.timeline import Step, steps_of

_NEWEST = 30


@cached_page
def newest(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Give the newest public cases."""
    feed = _feed(city, _("%(city)s: what we solve") % {"city": city.localised("name")}, reverse("public:cases"))
    for case in publicity.public_cases(city.pk)[:_NEWEST]:
        shown = case.showing
        words = f"{standing(case)[1]}. {shown.text}"
        _add(feed, shown.title, reverse("public:public_case", args=[case.number]), words, shown.cleared_at)
    return _answer(feed)


@cached_page
def of_case(_request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Give what happened to one public case, the newest first."""
    try:
        case = publicity.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Http404 from error
    here = reverse("public:public_case", args=[number])
    feed = _feed(city, f"№ {number}. {case.showing.title}", here)
    steps = steps_of(case, queries.journal_of(case), now=clock.now(), own=False)
    answers = publicity.answers_for_everybody(case, list(queries.sent_answers_of(case)))
    entries = [(at, title, words, f"{here}#step-{n}") for n, (at, title, words) in enumerate(_done(steps))]
    entries += [
        (answer.sent_at, _("The city answers"), text, f"{here}#answer-{answer.pk}")
        for answer, text in answers
        if answer.sent_at is not None
    ]
    for at, title, words, link in sorted(entries, key=lambda entry: entry[0], reverse=True):
        _add(feed, title, link, words, at)
    return _answer(feed)


def _done(steps: Iterable[Step]) -> list[tuple[datetime, str, str]]:
    return [(step.at, step.title, step.words) for step in steps if step.state == "done" and step.at is not None]


def _feed(city: Municipality, title: str, path: str) -> Atom1Feed:
    base = settings.ENVIRONMENT.public_url
    return Atom1Feed(
        title=title, link=f"{base}{path}", description="", language=get_language(), author_name=city.localised("name")
    )


def _add(feed: Atom1Feed, title: str, path: str, words: str, at: datetime) -> None:
    link = f"{settings.ENVIRONMENT.public_url}{path}"
    feed.add_item(title=title, link=link, description=words, pubdate=at, updateddate=at, unique_id=link)


def _answer(feed: Atom1Feed) -> HttpResponse:
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
