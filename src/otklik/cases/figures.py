"""The published figures and their formulas, made of published rows alone (domain reference, Case KPI).

answered   = cases with a first answer / registered;  registered = all − rejected − duplicates
first      = median of first_answer_minutes, of cases that run by working hours
on time    = first_answer_minutes ≤ promised_minutes, of those with a first answer or with waits_beyond_promise
confirmed  = verdict “solved”, of those with a final answer
reopened   = was_reopened, of those with a final answer
repeats    = is_repeat, of registered
overdue    = is_overdue, a count
days kept  = promised_day “kept” / (“kept” + “broken”)
attitude, result = arithmetic means of what residents gave
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from otklik.cases.accountability import Row
from otklik.org.enums import Clock

FEWEST = 20
"""A department with fewer cases gets counts only: a share of few says nothing, and could be one person's."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. Of none there is no share."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, halves upwards; None of nothing."""
        return int(Fraction(self.part * 100, self.whole) + Fraction(1, 2)) if self.whole else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a department, or the whole city, did with the cases of some time."""

    registered: int
    rejected: int
    duplicates: int
    answered: Share
    median_first_answer_h: float | None
    on_time: Share
    confirmed: Share
    reopened: Share
    repeats: Share
    overdue: int
    days_kept: Share
    attitude: float | None
    result: float | None
    ratings: int

    @property
    def is_enough(self) -> bool:
        """Whether there are enough cases to compare by."""
        return self.registered >= FEWEST


def figures_of(rows: Iterable[Row]) -> Figures:
    """Return the figures of these rows."""
    every = list(rows)
    known = [row for row in every if row.state not in ("rejected", "duplicate")]
    final = [row for row in known if row.has_final_answer]
    first = [row.first_answer_minutes for row in known if row.first_answer_minutes is not None]
    working = [
        row.first_answer_minutes for row in known if row.first_answer_minutes is not None and row.clock == Clock.WORKING
    ]
    judged = [row for row in known if row.first_answer_minutes is not None or row.waits_beyond_promise]
    days = [row.promised_day for row in known]
    return Figures(
        registered=len(known),
        rejected=sum(row.state == "rejected" for row in every),
        duplicates=sum(row.state == "duplicate" for row in every),
        answered=Share(len(first), len(known)),
        median_first_answer_h=round(median(working) / 60, 1) if working else None,
        on_time=Share(sum(_is_on_time(row) for row in judged), len(judged)),
        confirmed=Share(sum(row.verdict == "solved" for row in final), len(final)),
        reopened=Share(sum(row.was_reopened for row in final), len(final)),
        repeats=Share(sum(row.is_repeat for row in known), len(known)),
        overdue=sum(row.is_overdue for row in known),
        days_kept=Share(days.count("kept"), days.count("kept") + days.count("broken")),
        attitude=_mean([row.attitude for row in known if row.attitude is not None]),
        result=_mean([row.result for row in known if row.result is not None]),
        ratings=sum(row.result is not None for row in known),
    )


def by_department(rows: Iterable[Row]) -> tuple[list[tuple[str, Figures]], list[tuple[str, Figures]]]:
    """Return departments' figures: those that can be compared, the most punctual first; and those with too few cases.

    Equal shares stand in the order of codes; cases that nobody has yet are under an empty code, among the latter.
    """
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.department, []).append(row)
    found = [(code, figures_of(group)) for code, group in sorted(grouped.items())]
    compared = [(code, one) for code, one in found if code and one.is_enough and one.on_time.whole]
    named = {code for code, _ in compared}
    compared.sort(key=lambda pair: (-Fraction(pair[1].on_time.part, pair[1].on_time.whole), pair[0]))
    return compared, [(code, one) for code, one in found if code not in named]


def _is_on_time(row: Row) -> bool:
    return row.first_answer_minutes is not None and row.first_answer_minutes <= row.promised_minutes


def _mean(given: Sequence[int]) -> float | None:
    return round(sum(given) / len(given), 1) if given else None
