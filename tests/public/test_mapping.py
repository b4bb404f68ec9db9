"""The city's own map: true distances, nothing beyond the edges, no name over another."""

from __future__ import annotations

from itertools import combinations
from random import Random

from otklik.cases.publicity import PlaceCount
from otklik.public.mapping import HEIGHT, WIDTH, Point, _box, points_of


def count(name: str, lat: float | None, lon: float | None, cases: int = 1) -> PlaceCount:
    return PlaceCount(1, name, "", cases, 0, lat, lon, is_rough=False)


def test_one_place_stands_in_the_middle() -> None:
    (point,) = points_of([count("Садовая", 54.3, 47.1)])

    assert (point.x, point.y) == (WIDTH / 2, HEIGHT / 2)


def test_places_without_a_position_are_left_out() -> None:
    assert points_of([count("Хутор", None, None), count("Лесная", 54.3, None)]) == []


def test_north_is_up_and_east_is_right() -> None:
    south, north_east = sorted(points_of([count("a", 54.3, 47.1), count("b", 54.4, 47.2)]), key=lambda p: p.place.name)

    assert (north_east.x > south.x, north_east.y < south.y) == (True, True)


def test_distances_stay_true_at_the_citys_latitude() -> None:
    # At 60° a degree of longitude is half as long as one of latitude.
    points = {p.place.name: p for p in points_of([count("a", 60, 30), count("n", 60.1, 30), count("e", 60, 30.2)])}

    assert abs((points["e"].x - points["a"].x) - (points["a"].y - points["n"].y)) < 1.5


def test_no_name_lies_over_another_or_over_a_circle_or_beyond_the_edge() -> None:
    rng = Random(7)
    places = [
        count(f"Улица {n}", 54 + rng.random() / 50, 47 + rng.random() / 30, rng.randint(1, 40)) for n in range(80)
    ]

    points = points_of(places)
    named = [point for point in points if point.anchor]
    boxes = [_box(point, (point.name_x, point.name_y, point.anchor)) for point in named]

    assert len(points) == 80
    assert 5 < len(named) < 80
    assert not any(_overlap(one, other) for one, other in combinations(boxes, 2))
    assert not any(_overlap(box, _circle(point)) for box in boxes for point in points)
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT for box in boxes)


def _circle(point: Point) -> tuple[float, float, float, float]:
    return (point.x - point.radius, point.y - point.radius, point.x + point.radius, point.y + point.radius)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    less = 0.2  # positions are rounded to a tenth
    return (
        one[0] + less < other[2] and other[0] + less < one[2] and one[1] + less < other[3] and other[1] + less < one[3]
    )
