"""Why a message was decided about as it was: kept as a code with its figures, read in each official's own language."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from otklik.triage import labels

_PREFIX = "why:"


class Why(models.TextChoices):
    """The reasons that the rules give. What a person wrote as a reason stands in their own words instead."""

    LINKS = "links", _("a one-time word that ties a person's accounts: no case")
    LINKS_NOTHING = "links_nothing", _("a word about linking accounts that fits nothing now: a person looks")
    DELETED = "deleted", _("its author deleted it before we read it")
    SPAM = "spam", _("looks like spam: links and advertising")
    SAME_CONVERSATION = "same_conversation", _("goes on in the same conversation")
    GOES_ON = "goes_on", _("goes on with case № %(case)s")
    CONTENT = "content", _("the resident is content with the answer")
    SAME_WORDS = "same_words", _("the same words from the same person as in case № %(case)s")
    SAME_WORDS_BEFORE = "same_words_before", _("the same words from the same person as a message just before")
    SAME_HOUSE = "same_house", _("the same words about the same house as in case № %(case)s")
    SAME_HOUSE_BEFORE = "same_house_before", _("the same words about the same house as a message just before")
    SAME_PROBLEM = "same_problem", _("the same problem in the same place as case № %(case)s")
    SAME_PROBLEM_BEFORE = "same_problem_before", _("the same problem in the same place as a message just before")
    FLOOD = "flood", _("one of many from the same person within minutes: in case № %(case)s")
    FLOOD_BEFORE = "flood_before", _("one of many from the same person within minutes: with a message just before")
    BLOCKED = "blocked", _("its author is blocked for a time, with a reason: kept, but nothing opens of it")
    OWED = "owed", _("%(kind)s: an answer is owed")
    NOT_OWED = "not_owed", _("%(kind)s: no answer is owed")
    PERSON_DECIDES = "person_decides", _("%(kind)s: a person decides whether an answer is owed")
    NOT_SURE = "not_sure", _("not sure what it is about: a person sorts it")
    DANGER_ADDED = "danger_added", _("its author added that life is in danger")
    HOLDS_DATA = "holds_data", _("the answer of the same problem's case holds another person's data")
    CASE_ENDED = "case_ended", _("the case that it repeats ended a moment before")
    HISTORY = "history", _("it came with the history of the account: nobody is owed an answer to it now")
    DETAILS = "details", _("added on the page of case № %(case)s")
    OPENED_BY_HAND = "opened_by_hand", _("a person opened a case")
    JOINED_BY_HAND = "joined_by_hand", _("a person joined it to case № %(case)s")


def stored(why: Why, **said: object) -> str:
    """Return a reason as it is kept in a row."""
    return f"{_PREFIX}{why.value}?{urlencode(said)}" if said else f"{_PREFIX}{why.value}"


def is_code(reason: str) -> bool:
    """Return whether a kept reason is one of the rules' own."""
    return reason.startswith(_PREFIX)


def told(reason: str) -> str:
    """Return a kept reason in the reader's language; a person's own words, and rows of before, as they stand."""
    code, _mark, figures = reason.removeprefix(_PREFIX).partition("?")
    if not is_code(reason) or code not in Why.values:
        return reason
    said = dict(parse_qsl(figures))
    if "kind" in said:
        said["kind"] = labels.name(said["kind"], (get_language() or "en")[:2])
    try:
        return str(Why(code).label) % said
    except KeyError:
        return reason


def refusal_in_words(error: str) -> str:
    """Return why a network refused, in the reader's language as far as the sentence is one of ours; a network's own
    words, in brackets behind it, stay as they came."""
    ours, bracket, theirs = error.partition(" (")
    return f"{_(ours)}{bracket}{theirs}" if ours else ""
