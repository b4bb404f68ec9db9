"""Sessions: found by their key while they last, like Django's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from otklik.common import clock
from otklik.common.sessions import SessionStore

pytestmark = pytest.mark.django_db


def _kept(**values: str) -> str:
    store = SessionStore()
    store.update(values)
    store.save()
    assert store.session_key is not None
    return store.session_key


def test_session_is_found_by_its_key_alone(django_assert_num_queries) -> None:
    _kept(who="Зоя")
    key = _kept(who="Вера")

    with django_assert_num_queries(1):
        found = dict(SessionStore(key).items())

    assert found == {"who": "Вера"}


@pytest.mark.parametrize("key", [None, "", "no-such-key", "a" * 32])
def test_session_that_is_not_there_is_empty_and_gets_another_key(key: str | None) -> None:
    _kept(who="Вера")
    store = SessionStore(key)

    assert (dict(store.items()), store.session_key) == ({}, None)


def test_session_ends_when_its_time_is_over() -> None:
    key = _kept(who="Вера")
    Session.objects.filter(session_key=key).update(expire_date=clock.now() - timedelta(seconds=1))

    assert dict(SessionStore(key).items()) == {}
