"""A post in numbers: what each network told of it, and when."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from otklik.channels.figures import Figure
from otklik.channels.numbers import of_posts, tells_anything
from otklik.desk.doors import DeskRequest, door
from otklik.desk.rail import WRITES
from otklik.posts.models import Post
from otklik.posts.queries import with_places


@door(*WRITES)
@require_safe
def figures(request: DeskRequest, pk: int) -> HttpResponse:
    """Show what networks told of a post: four queries, in however many networks it is."""
    found = Post.objects.filter(municipality=request.access.municipality_id, pk=pk).select_related("author").first()
    if found is None:
        raise Http404
    [post] = with_places([found])
    there = [(row.channel, row.external_id) for row in post.publications.all() if row.external_id]
    context = {
        "post": post,
        "rows": of_posts([place for place in there if tells_anything(place[0])]),
        "silent": [channel for channel, _ in there if not tells_anything(channel)],
        "columns": [one for one in Figure if one != Figure.FOLLOWERS],
        "city": request.access.official.municipality,
    }
    return render(request, "desk/posts/figures.html", context)
