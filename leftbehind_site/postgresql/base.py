"""Django's backend for PostgreSQL, but that nobody waits long for a server that is known to be away.

The pool connects in the background; whoever wants a connection waits for it. While the server is away that is
in vain, and the few threads of a worker would wait instead of sending what is finished. So after the first
who waited in vain, one thread at a time has a short look, and all others are told at once.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Final

import psycopg
from django.db.backends.postgresql import base

logger = logging.getLogger(__name__)

GLANCE: Final = 0.2
"""Seconds that a thread waits for a server that was away."""

PAUSE: Final = 0.3
"""Seconds between two such looks."""


class Reach:
    """Whether the server could be reached last time, as all threads of a process know it.

    Attributes:
        away: Whether it could not.
    """

    def __init__(self) -> None:
        self.away = False
        self._not_before = 0.0
        self._looking = threading.Lock()

    def look(self) -> bool:
        """Take the right to have a short look, unless somebody has it or has just had it.

        Returns:
            Whether it was to be had. Whoever has it says by ``missed`` or ``found`` how the server was, and
            gives it back by ``end`` in any case.
        """
        if not self._looking.acquire(blocking=False):
            return False
        if time.monotonic() < self._not_before:
            self._looking.release()
            return False
        return True

    def end(self) -> None:
        """Give the right to look back."""
        self._not_before = time.monotonic() + PAUSE
        self._looking.release()

    def missed(self, error: Exception) -> None:
        """The server could not be reached; said once."""
        if not self.away:
            self.away = True
            logger.error("The database cannot be reached: %s", str(error).strip())

    def found(self) -> None:
        """It could."""
        if self.away:
            self.away = False
            logger.warning("The database is back")


reach: Final = Reach()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of the site."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Take a connection from the pool.

        Raises:
            psycopg.OperationalError: If there is none to be had.
        """
        pool: Any = getattr(self, "pool")  # noqa: B009 - the type stubs do not know it
        if not pool:
            return super().get_new_connection(conn_params)
        short = reach.away
        if short and not reach.look():
            raise psycopg.OperationalError("the database server is away")
        patience = self.settings_dict["OPTIONS"]["pool"]["timeout"]
        pool.timeout = GLANCE if short else patience
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            reach.missed(error)
            raise
        finally:
            if short:
                reach.end()
        reach.found()
        return connection
