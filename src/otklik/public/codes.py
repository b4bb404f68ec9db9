"""Opening a case by its private code: the one place where codes are tried, so that guessing is counted everywhere."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from otklik.cases import queries
from otklik.cases.models import Case
from otklik.org.models import Municipality
from otklik.public import limits


def case_of_code(request: HttpRequest, city: Municipality, code: str) -> Case:
    """Return the case. Raises Http404 for a code that opens nothing, TooManyGuesses after too many of them.

    Beyond the limit a right code opens nothing either: whoever guesses never learns that one was right.
    """
    if limits.is_stopped(request, city, "codes", limits.GUESSES):
        raise limits.TooManyGuesses
    try:
        return queries.case_by_code(city.pk, code)
    except Case.DoesNotExist as error:
        limits.may(request, city, "codes", limits.GUESSES, limits.GUESSES_WINDOW_S)
        raise Http404 from error


def tidy_code(typed: str) -> str:
    """Return a code as it is kept from what somebody typed: any case, spaces, hyphens or none."""
    letters = "".join(typed.lower().split()).replace("-", "")
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
