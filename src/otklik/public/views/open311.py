"""Open311 (GeoReport v2): other programs read what everybody may see, and report by the site's own door."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from otklik.cases.models import Case
from otklik.cases.publicity import public_case, public_cases
from otklik.cases.queries import fate_of_submission
from otklik.channels.services.granting import application_of
from otklik.common import clock
from otklik.connectors.site.connector import Submission
from otklik.org.models import Municipality, Topic
from otklik.org.queries import nearest, places_on_the_map, topics_of
from otklik.public import limits
from otklik.public.doors import absolute, private_page
from otklik.public.open311 import (
    CLOSED,
    MOST,
    TYPES,
    Report,
    Wrong,
    refused,
    report_in,
    row_of,
    span_in,
    written,
    written_alone,
)
from otklik.public.submitting import own_channel, take

WRITES, WINDOW_S = 60, 600
"""So many reports of one application from one address in ten minutes; people's own form takes fewer."""


def _answers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give errors in the shape that was asked for; a jurisdiction, where one is named, must be this city's."""

    @private_page
    def door(request: HttpRequest, city: Municipality, *args: Any, **kwargs: Any) -> HttpResponse:
        shape = str(kwargs["shape"])
        try:
            _look(request, city, shape)
            return view(request, city, *args, **kwargs)
        except Wrong as error:
            return refused(error, shape)

    return door


def _look(request: HttpRequest, city: Municipality, shape: str) -> None:
    if shape not in TYPES:
        raise Wrong(404, "only xml and json are spoken here")
    asked = request.POST.get("jurisdiction_id", "") or request.GET.get("jurisdiction_id", "")
    if asked not in ("", city.slug):
        raise Wrong(404, f"jurisdiction_id {asked[:60]} was not found: this is {city.slug}")


@require_safe
@_answers
def discovery(_request: HttpRequest, _city: Municipality, *, shape: str) -> HttpResponse:
    """Say where the standard's addresses are."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": absolute("/open311/v2"),
        "changeset": "2026-11-23T00:00:00+00:00",
        "type": "production",
        "formats": [{"format": kind.partition(";")[0]} for kind in TYPES.values()],
    }
    row = {"changeset": endpoint["changeset"], "contact": absolute("/about/"), "key_service": absolute("/about/")}
    return written_alone({**row, "endpoints": [endpoint]}, "discovery", shape)


@require_safe
@_answers
def services(_request: HttpRequest, city: Municipality, *, shape: str) -> HttpResponse:
    """List the topics that one may report about, in their groups."""
    groups = topics_of(city.pk)
    rows = [_service(topic, group) for group, topics in groups.items() for topic in topics]
    return written(rows, ("services", "service"), shape)


@require_safe
@_answers
def service(_request: HttpRequest, city: Municipality, service_code: str, *, shape: str) -> HttpResponse:
    """Say what a topic asks for besides: nothing, a few words are enough."""
    topic = _topic(city, service_code)
    return written_alone({"service_code": topic.code, "attributes": []}, "service_definition", shape)


@csrf_exempt  # other programs have no cookie of ours: a report needs the application's key instead
@require_http_methods(["GET", "HEAD", "POST"])
@_answers
def requests(request: HttpRequest, city: Municipality, *, shape: str) -> HttpResponse:
    """List what everybody may see; or take a report, and return the token that leads to its number."""
    if request.method == "POST":
        return _report(request, city, shape)
    span = span_in(request.GET, now=clock.now())
    cases = public_cases(city.pk).select_related("place")
    if span.numbers:
        cases = cases.filter(number__in=span.numbers)
    else:
        cases = cases.filter(opened_at__gte=span.first, opened_at__lte=span.last)
    if span.status:
        cases = cases.filter(status__in=CLOSED) if span.status == "closed" else cases.exclude(status__in=CLOSED)
    if span.services:
        cases = cases.filter(topic__code__in=span.services)
    return written([row_of(case) for case in cases[:MOST]], ("service_requests", "request"), shape)


@require_safe
@_answers
def one_request(_request: HttpRequest, city: Municipality, number: int, *, shape: str) -> HttpResponse:
    """Tell of one case that everybody may see."""
    try:
        case = public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Wrong(404, f"service_request_id {number} was not found") from error
    return written([row_of(case)], ("service_requests", "request"), shape)


@require_safe
@_answers
def token(_request: HttpRequest, city: Municipality, token: str, *, shape: str) -> HttpResponse:
    """Tell the number of the case that a report became; none while it is being read, or where a person decides."""
    fate = fate_of_submission(city.pk, f"submission:{token}")
    if fate is None:
        raise Wrong(404, "token was not found")
    number = fate.case.number if fate.case is not None else None
    row = {"service_request_id": number, "token": token}
    return written([row], ("service_requests", "request"), shape)


def _report(request: HttpRequest, city: Municipality, shape: str) -> HttpResponse:
    application = application_of(city.pk, request.POST.get("api_key", ""))
    if application is None:
        raise Wrong(403, "api_key was missing or is not valid: ask the city for one")
    report = report_in(request.POST)
    topic = _topic(city, report.service)
    if not limits.may(request, city, f"open311-{application.pk}", WRITES, WINDOW_S):
        raise Wrong(429, "too many reports from this address just now: wait ten minutes")
    channel = own_channel(city)
    if channel is None:
        raise Wrong(503, "reports are not taken just now")
    now = clock.now()
    text = _text(city, topic, report)
    told = "\0".join([str(application.pk), text, report.name, report.contact, now.date().isoformat()])
    key = f"o311-{hashlib.sha256(f'{channel.hook_token}{told}'.encode()).hexdigest()[:40]}"
    take(channel, Submission(key, text, name=report.name, contact=report.contact, sent_at=now), now=now)
    return written([{"token": key}], ("service_requests", "request"), shape)


def _text(city: Municipality, topic: Topic, report: Report) -> str:
    """Return the words with the place and the topic below them: triage reads them where it reads everything."""
    lines = [report.words, report.address]
    if not report.address and report.lat is not None and report.lon is not None:
        place = nearest(places_on_the_map(city.pk), report.lat, report.lon)
        lines += [place.name if place is not None else "", f"{report.lat:.5f}, {report.lon:.5f}"]
    return "\n".join(line for line in [*lines, f"[{topic.name}]"] if line)


def _topic(city: Municipality, code: str) -> Topic:
    topics = (topic for topics in topics_of(city.pk).values() for topic in topics)
    found = next((topic for topic in topics if topic.code == code), None)
    if found is None:
        raise Wrong(404, f"service_code {code[:60]} was not found")
    return found


def _service(topic: Topic, group: Topic) -> dict[str, Any]:
    return {
        "service_code": topic.code,
        "service_name": topic.name,
        "description": topic.includes or topic.name,
        "metadata": False,
        "type": "realtime",
        "keywords": None,
        "group": group.name,
    }
