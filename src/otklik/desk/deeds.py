"""What a deed on the case screen is: a name in the address, the permission it needs, and the one service it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise

from otklik.cases.models import Case
from otklik.org.access import Access, Permission

Do = Callable[[Access, Case, Mapping[str, Any], datetime], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something an official does with a case. `undo` names the deed that takes it back.

    `options` gives what the form chooses from.
    """

    name: str
    permission: Permission
    do: Do
    done: Promise | Mapping[str, Promise]
    form: type[forms.Form] | None = None
    undo: str = ""
    undo_needs: Permission | None = None
    options: Callable[[Case], Mapping[str, Any]] | None = None
