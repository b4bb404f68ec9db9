"""The city as points on a plane: no tiles of others, no more precise than the middle of a street or a district."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from otklik.cases.publicity import PlaceCount

WIDTH, HEIGHT = 640, 480
_MARGIN = 60
_SMALLEST, _LARGEST = 11.0, 24.0
_LETTER, _LINE = 10.0, 20.0
"""How much room a name takes: a little more than it needs, so that it may be read on a phone."""

_Box = tuple[float, float, float, float]
_Spot = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map: where it is drawn, how large, and where its name stands; no name where there is no room."""

    place: PlaceCount
    x: float
    y: float
    radius: float
    name_x: float = 0.0
    name_y: float = 0.0
    anchor: str = ""


def points_of(counts: Sequence[PlaceCount]) -> list[Point]:
    """Return the places that have a position, drawn to the edges of the map; the largest first, so that small ones
    stand in front. A degree of longitude is shorter than one of latitude: distances stay true.
    """
    placed = [(one, one.lat, one.lon) for one in counts if one.lat is not None and one.lon is not None]
    if not placed:
        return []
    middle = math.radians(sum(lat for _, lat, _ in placed) / len(placed))
    flat = [(one, lon * math.cos(middle), -lat) for one, lat, lon in placed]
    left, top = min(x for _, x, _ in flat), min(y for _, _, y in flat)
    wide, high = max(x for _, x, _ in flat) - left, max(y for _, _, y in flat) - top
    scale = min(_per(WIDTH, wide), _per(HEIGHT, high))
    off_x, off_y = (WIDTH - wide * scale) / 2, (HEIGHT - high * scale) / 2
    most = max(one.cases for one, _, _ in flat)
    drawn = [
        Point(one, round(off_x + (x - left) * scale, 1), round(off_y + (y - top) * scale, 1), _radius(one, most))
        for one, x, y in flat
    ]
    return _named(sorted(drawn, key=lambda point: (-point.radius, point.place.name)))


def _per(room: int, extent: float) -> float:
    """Return how many units of the drawing one degree takes; a single point needs no scale."""
    return (room - 2 * _MARGIN) / extent if extent > 1e-9 else 1.0


def _radius(place: PlaceCount, most: int) -> float:
    return round(_SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(place.cases / most), 1)


def _named(points: Sequence[Point]) -> list[Point]:
    """Write each name where it covers neither a circle nor another name; the larger ones choose first."""
    taken = [(p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius) for p in points]
    found: list[Point] = []
    for point in points:
        spot = next((spot for spot in _spots(point) if _is_free(_box(point, spot), taken)), None)
        if spot is None:
            found.append(point)
            continue
        taken.append(_box(point, spot))
        found.append(Point(point.place, point.x, point.y, point.radius, round(spot[0], 1), round(spot[1], 1), spot[2]))
    return found


def _spots(point: Point) -> Iterator[_Spot]:
    """Yield where a name may begin (its baseline) and how it is aligned: below, above, right, left."""
    yield point.x, point.y + point.radius + _LINE - 4, "middle"
    yield point.x, point.y - point.radius - 6, "middle"
    yield point.x + point.radius + 5, point.y + 5, "start"
    yield point.x - point.radius - 5, point.y + 5, "end"


def _box(point: Point, spot: _Spot) -> _Box:
    x, y, anchor = spot
    wide = len(point.place.name) * _LETTER
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - _LINE + 5, left + wide, y + 4


def _is_free(box: _Box, taken: Sequence[_Box]) -> bool:
    left, top, right, bottom = box
    if left < 0 or top < 0 or right > WIDTH or bottom > HEIGHT:
        return False
    return all(right <= one[0] or left >= one[2] or bottom <= one[1] or top >= one[3] for one in taken)
