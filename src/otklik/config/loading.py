"""Loading everything that pages need before the first of them is asked for."""

from __future__ import annotations

import gc

from django.db import connections
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.urls import get_resolver


def load_pages() -> None:
    """Load every address with its view, now and not in the first request."""
    get_resolver().reverse_dict  # noqa: B018 - fills it


def load_for_workers() -> None:
    """Load what all workers need in the process that they are forked from: they share the memory of it.

    Nothing is left open that two processes must not share. Where processes are spawned instead, each loads it anew.
    """
    load_pages()
    for engine in engines.all():
        if isinstance(engine, DjangoTemplates):
            engine.engine.template_loaders  # noqa: B018 - finds the folders of templates
    connections.close_all()
    gc.collect()
    gc.freeze()  # a collection that only looks at an object would copy its page
