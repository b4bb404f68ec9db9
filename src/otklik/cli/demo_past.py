"""Two weeks of the demo city's life, lived through before the first visitor comes.

Nothing is invented in tables: residents write in the simulators, what the networks would deliver is verified, stored
and carried to cases, the staff works by the services, answers are sent; only the clock is ours.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.cases.services.closing import close_silent
from otklik.cli.demo_carrier import Carrier
from otklik.cli.demo_city import Towns
from otklik.cli.demo_memory import answers_sent_since, look_at_site
from otklik.cli.demo_photos import STORIES, PhotoStories, Story
from otklik.cli.demo_staff import Staff
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import PostText

DAYS = 15
_WORKDAY_MESSAGES, _WEEKEND_MESSAGES = (15, 22), (7, 11)
_STAFF_COMES = (time(9, 40), time(12, 10), time(15, 20), time(17, 10))
_HURRIED_VISITS = 5
"""In its last visits before now the staff does less than comes in: a visitor finds work."""
_Event = Callable[[datetime], object]


@dataclass
class PastClock:
    """What time it is while the past is lived through; the simulators ask it."""

    instant: datetime

    def __call__(self) -> float:
        """Return Unix seconds."""
        return self.instant.timestamp()


@dataclass(order=True)
class _Planned:
    at: datetime
    number: int
    event: _Event = field(compare=False)


class Past:
    """The life before now: a plan of events, lived through in their order."""

    def __init__(self, towns: Towns, staff: Staff, clock: PastClock, rng: Random) -> None:
        self._towns = towns
        self._staff = staff
        self._clock = clock
        self._rng = rng
        self._carrier = Carrier(towns)
        self._stories = PhotoStories(towns, staff)
        self._zone = ZoneInfo(staff.city.timezone)
        self._plan: list[_Planned] = []
        self._scheduled = 0
        self._until = clock.instant
        self._hurried: list[datetime] = []
        self._answers_seen = clock.instant

    def live_through(
        self, posts: Sequence[PostText], *, until: datetime, progress: Callable[[int], None], days: int = DAYS
    ) -> None:
        """Live the `days` before an instant; `progress` hears of every day that has passed."""
        self._until = until
        day = self._plan_everything(posts, days)
        self._answers_seen = self._moment(day, time())
        while self._plan and self._plan[0].at < until:
            planned = heapq.heappop(self._plan)
            if planned.at.date() > day:
                day = planned.at.date()
                progress(1)
            self._clock.instant = planned.at
            planned.event(planned.at)
            self._carrier.carry(self._clock.instant)
            self._carrier.send(self._clock.instant)
        self._carrier.carry(until)
        self._carrier.ask_names()

    def _plan_everything(self, posts: Sequence[PostText], days: int) -> date:
        first = self._until.astimezone(self._zone).date() - timedelta(days=days)
        for number, post in enumerate(posts):
            day = first + timedelta(days=number * days // len(posts))
            self._schedule(self._moment(day, time(8 + number * 5 % 10, number * 17 % 60)), self._publishing(post))
        visits: list[datetime] = []
        for number in range(days + 1):
            day = first + timedelta(days=number)
            works = day.weekday() < 5
            for _ in range(self._rng.randint(*(_WORKDAY_MESSAGES if works else _WEEKEND_MESSAGES))):
                at = time(self._rng.randint(7, 22), self._rng.randint(0, 59), self._rng.randint(0, 59))
                self._schedule(self._moment(day, at), self._speak)
            visits += [self._moment(day, visit) for visit in _STAFF_COMES if works]
            self._schedule(self._moment(day, time(23, 30)), lambda now: close_silent(now=now))
        for visit in visits:
            self._schedule(visit, self._work)
        self._plan_stories([visit for visit in visits if visit < self._until])
        self._hurried = [visit for visit in visits if visit < self._until][-_HURRIED_VISITS:]
        return first

    def _plan_stories(self, visits: Sequence[datetime]) -> None:
        """Plan what is told with photos behind some of the last visits of the staff, begun and ended between two."""
        for story, visit in zip(STORIES, visits[-9::3], strict=False):
            self._schedule(visit + timedelta(minutes=20), partial(self._begin_story, story))
            self._schedule(visit + timedelta(minutes=75), partial(self._end_story, story))

    def _begin_story(self, story: Story, now: datetime) -> None:
        self._stories.say(story)

    def _end_story(self, story: Story, now: datetime) -> None:
        if self._stories.answer(story, now):
            self._carrier.send(now)
            self._stories.show(story, now)
            for answer in answers_sent_since(self._staff.city, self._answers_seen):
                self._towns.life.respond(answer, solved=True)
            self._answers_seen = now

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self._zone)

    def _schedule(self, at: datetime, event: _Event) -> None:
        self._scheduled += 1
        heapq.heappush(self._plan, _Planned(at, self._scheduled, event))

    def _publishing(self, post: PostText) -> _Event:
        def publish(now: datetime) -> None:
            self._staff.publish(post, now=now)
            self._carrier.send(now)
            look_at_site(self._towns)

        return publish

    def _speak(self, now: datetime) -> None:
        self._towns.life.speak()
        if self._rng.random() < 0.04:
            self._carrier.carry(now)
            self._towns.life.change_mind()

    def _work(self, now: datetime) -> None:
        """One visit of the staff: sorting, answering, approving; each step a little after the one before."""
        moments = self._moments(now)
        behind = now in self._hurried
        self._carrier.ask_names()
        self._staff.sort(3 if behind else 14, now=next(moments))
        self._staff.assign(now=next(moments))
        for case in list(self._staff.waiting_for_approval()):
            if self._rng.random() < (0.4 if behind else 0.9):
                self._staff.approve(case, now=next(moments))
            elif self._rng.random() < 0.2:
                self._staff.decline(case, now=next(moments))
        for case in list(self._staff.waiting_for_work()):
            self._work_on(case, moments, behind=behind)
        for case in Case.objects.filter(status=Status.CLOSED, rating=None).order_by("-closed_at")[:6]:
            if self._rng.random() < 0.3:
                self._staff.rate(case, now=next(moments))
        for case in Case.objects.filter(status=Status.CLOSED, personal_control=True)[:2]:
            self._staff.release(case, now=next(moments))
        self._clock.instant = next(moments)
        self._carrier.send(self._clock.instant)
        self._expect_reactions(self._clock.instant)

    def _work_on(self, case: Case, moments: Iterator[datetime], *, behind: bool) -> None:
        staff, chance = self._staff, self._rng.random()
        if self._rng.random() < 0.5 and not case.is_public:
            staff.show(case, now=next(moments))
        if (case.urgency >= 3 or self._rng.random() < 0.03) and not case.personal_control:
            staff.control(case, now=next(moments))
        if case.urgency < 4 and chance > (0.35 if behind else 0.8):
            return
        if chance < 0.015 and case.status == Status.ASSIGNED:
            staff.give_back(case, now=next(moments))
        elif chance < 0.04:
            staff.answer_as_head(case, now=next(moments))
        elif chance < 0.1 and case.status == Status.ASSIGNED:
            staff.begin(case, now=next(moments))
        else:
            if case.status in (Status.ASSIGNED, Status.REOPENED):
                staff.begin(case, now=next(moments))
            if staff.draft(case, now=next(moments), submit=chance > 0.14) and chance > 0.3:
                staff.approve(case, now=next(moments))

    def _moments(self, start: datetime) -> Iterator[datetime]:
        """Give instants a little after one another, none of them later than now."""
        at = start
        while True:
            at = min(at + timedelta(seconds=self._rng.randint(20, 150)), self._until)
            yield at

    def _expect_reactions(self, now: datetime) -> None:
        """Plan what some of those who were answered just now will say to it."""
        answers = answers_sent_since(self._staff.city, self._answers_seen)
        self._answers_seen = now
        for answer in answers:
            if self._rng.random() < 0.5:
                solved = self._rng.random() < 0.82
                at = now + timedelta(hours=self._rng.uniform(1, 40))
                self._schedule(at, self._judging(answer, solved=solved))

    def _judging(self, answer: Answered, *, solved: bool) -> _Event:
        return lambda _: self._towns.life.respond(answer, solved=solved)
