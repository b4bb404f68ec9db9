"""The staff of the demo city while visitors look on: a thread that answers some cases and leaves many.

It never touches what a visitor has begun: it starts only cases that nobody took, and approves only its own drafts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db import OperationalError, connection

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.channels.queries import operator_queue
from otklik.cli.demo_city import Towns
from otklik.cli.demo_memory import answers_sent_since, look_at_site
from otklik.cli.demo_staff import Staff, unanswered
from otklik.common.clock import now
from otklik.org.models import Municipality
from otklik.posts.models import Post
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Library, PostText

log = logging.getLogger(__name__)

STEP_S = (3.0, 7.0)
FIRST_POST_S, BETWEEN_POSTS_S = 45.0, 240.0
_BACKLOG = 30
"""So many cases more than at the start may wait before the staff hurries."""
_SORTED_FROM = 15
_LAZY = 0.25
_APPROVES_AFTER_S = 12.0


class StaffDay:
    """One working day, for as long as the demo runs."""

    def __init__(self, city: Municipality, library: Library, towns: Towns, rng: Random) -> None:
        self.answers: deque[Answered] = deque(maxlen=30)
        self._city = city
        self._towns = towns
        self._rng = rng
        self._staff = Staff(city, library, rng)
        self._posts = deque(unpublished(city, library.posts))
        self._next_post = time.monotonic() + FIRST_POST_S
        self._drafted: deque[tuple[float, int]] = deque()
        self._looked_at = now()
        self._enough = unanswered(city) + _BACKLOG

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.wait(self._rng.uniform(*STEP_S)):
            self._outlive_a_busy_database(self.step)
        connection.close()

    def hurry(self, since: datetime, count: int, stop: threading.Event) -> None:
        """Answer `count` of the cases that were opened since an instant, one after another, then return."""
        answered: set[int] = set()
        while len(answered) < count and not stop.wait(0.2):
            fresh = Case.objects.filter(municipality=self._city, opened_at__gte=since).exclude(pk__in=answered)
            for case in fresh.filter(status=Status.ASSIGNED).order_by("id")[: count - len(answered)]:
                answered.add(case.pk)
                self._outlive_a_busy_database(partial(self._answer_at_once, case))
        connection.close()

    def step(self) -> None:
        """Do what is next."""
        self._look_around()
        if self._drafted and time.monotonic() - self._drafted[0][0] > _APPROVES_AFTER_S:
            _, number = self._drafted.popleft()
            self._staff.approve(Case.objects.get(pk=number), now=now())
        if operator_queue(self._city.pk).count() > _SORTED_FROM:
            self._staff.sort(2, now=now())
        if unanswered(self._city) > self._enough or self._rng.random() < _LAZY:
            self._answer_something()

    def _look_around(self) -> None:
        if self._posts and time.monotonic() > self._next_post:
            self._next_post = time.monotonic() + BETWEEN_POSTS_S
            self._staff.publish(self._posts.popleft(), now=now())
        look_at_site(self._towns)
        moment = now()
        self.answers.extend(answers_sent_since(self._city, self._looked_at))
        self._looked_at = moment

    def _answer_something(self) -> None:
        waiting = self._staff.waiting_for_work().filter(executor=None, status__in=[Status.ASSIGNED, Status.REOPENED])
        newest = list(waiting.filter(opened_at__lt=now() - timedelta(seconds=20)).order_by("-id")[:20])
        if not newest:
            return
        case = self._rng.choice(newest)
        if self._staff.begin(case, now=now()) and self._staff.draft(case, now=now()):
            self._drafted.append((time.monotonic(), case.pk))

    def _answer_at_once(self, case: Case) -> None:
        if self._staff.begin(case, now=now()) and self._staff.draft(case, now=now()):
            self._staff.approve(case, now=now())

    @staticmethod
    def _outlive_a_busy_database(step: Callable[[], None]) -> None:
        try:
            step()
        except OperationalError:
            log.warning("the database was busy; the staff goes on")


def unpublished(city: Municipality, posts: Iterable[PostText]) -> list[PostText]:
    """Return the posts that the head hasn't published yet."""
    titles = set(Post.objects.filter(municipality=city).values_list("title", flat=True))
    return [post for post in posts if post.title not in titles]
