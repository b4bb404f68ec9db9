"""Public cases on the city's own map, with the same as a list beside it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from otklik.cases import publicity
from otklik.org.models import Municipality
from otklik.public.doors import cached_page, show
from otklik.public.mapping import HEIGHT, WIDTH, points_of
from otklik.public.views.problems import look_form


@cached_page
def city_map(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show where the public cases are that are looked for."""
    form = look_form(request, city)
    counts, nowhere = publicity.places_with_cases(city.pk, form.looking())
    kept = form.kept()
    here = reverse("public:cases")
    points = points_of(counts)
    context = {
        "section": "cases",
        "list_url": f"{here}?{urlencode(kept)}",
        "places": [(one, f"{here}?{urlencode({**kept, 'street': str(one.pk)})}") for one in counts],
        "points": [(point, f"{here}?{urlencode({**kept, 'street': str(point.place.pk)})}") for point in points],
        "nowhere": nowhere,
        "unplaced": len(counts) - len(points),
        "rough": any(point.place.is_rough for point in points),
        "width": WIDTH,
        "height": HEIGHT,
        "narrowed": form.narrows(),
    }
    return show(request, city, "public/map.html", context)
