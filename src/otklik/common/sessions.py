"""Sessions, as Django keeps them in the database; looked up by a query that is made once."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from otklik.common.prepared import PreparedObjects


def _unexpired(key: str, now: datetime) -> QuerySet[Session, Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


_UNEXPIRED = PreparedObjects(_unexpired)


class SessionStore(db.SessionStore):
    """Django's own store: every page of the desk begins with this one query."""

    def _get_session_from_db(self) -> Session | None:
        found = _UNEXPIRED.list(self.session_key, timezone.now()) if self.session_key else []
        if found:
            return found[0]
        self._session_key = None
        return None
