"""Headlines of surges, in the reader's language: where, how many, about what, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.common import human
from otklik.org.access import Access
from otklik.org.models import Topic
from otklik.posts.queries import titles_of_threads
from otklik.pulse.enums import SurgeKind
from otklik.pulse.models import Surge
from otklik.pulse.queries import surges_for


@dataclass(frozen=True, slots=True)
class Alert:
    """A surge as the desk shows it."""

    surge: Surge
    headline: str
    topic: Topic | None

    @property
    def url(self) -> str:
        """Its own screen."""
        return reverse("desk:surge", args=[self.surge.pk])

    @property
    def cases_url(self) -> str:
        """The open cases on its topic; empty where no topic is known."""
        return f"{reverse('desk:inbox')}?view=open&topic={self.topic.pk}" if self.topic is not None else ""

    @property
    def words(self) -> str:
        """What many say in the same words."""
        return ", ".join(self.surge.words)


def alerts_for(access: Access, *, now: datetime) -> list[Alert]:
    """Return what goes on now, for those who handle surges. One query where nothing does, four at most."""
    return told(list(surges_for(access)), now=now)


def told(surges: Sequence[Surge], *, now: datetime) -> list[Alert]:
    """Return surges of one city with their headlines. Three queries, whatever the number; none for none."""
    if not surges:
        return []
    codes = {surge.topic_code for surge in surges if surge.topic_code}
    topics = Topic.objects.filter(municipality=surges[0].municipality_id, code__in=codes)
    named = {topic.code: topic for topic in topics}
    posts = titles_of_threads([surge.thread_id for surge in surges if surge.thread_id is not None])
    return [
        Alert(surge, _headline(surge, named.get(surge.topic_code), posts.get(surge.thread_id or 0, ""), now), topic)
        for surge in surges
        for topic in [named.get(surge.topic_code)]
    ]


def _headline(surge: Surge, topic: Topic | None, post: str, now: datetime) -> str:
    people = ngettext("%(n)s person writes", "%(n)s people write", surge.voices) % {"n": surge.voices}
    values = {"people": people, "since": _since(surge.first_voice_at, now), "topic": topic.name if topic else ""}
    values |= {"street": surge.street, "post": post or _("a post")}
    if surge.kind == SurgeKind.POST and topic is not None:
        return _("Under “%(post)s”: %(people)s, mostly about “%(topic)s”, since %(since)s") % values
    if surge.kind == SurgeKind.POST:
        return _("Under “%(post)s”: %(people)s, since %(since)s") % values
    if surge.street and topic is not None:
        return _("%(street)s: %(people)s about “%(topic)s”, since %(since)s") % values
    if surge.street:
        return _("%(street)s: %(people)s, since %(since)s") % values
    return _("“%(topic)s”: %(people)s, since %(since)s") % values


def _since(at: datetime, now: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localtime(now).date() else human.when(at, now=now)
