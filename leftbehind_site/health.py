"""Whether this process can do its work: what a front server, a container or an operator asks first."""

import logging
from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from neighbourhoods.models import Release

logger = logging.getLogger(__name__)


def _database() -> str | None:
    """Ask the database the smallest question."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return None


def _migrations() -> str | None:
    """Compare the tables with the code."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} not applied: run `manage.py migrate`" if plan else None


def _release() -> str | None:
    """Look for figures to show."""
    return None if Release.objects.current() else "none is current: run `manage.py load_neighbourhoods`"


# In this order: a later part cannot be asked when an earlier one fails.
PARTS: dict[str, Callable[[], str | None]] = {
    "database": _database,
    "migrations": _migrations,
    "release": _release,
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view's signature
    """Answer 200 when every part works, else 503 with the failing part named.

    The answer is public, so it says which part fails and what the operator does about it, never an address, a
    name or a driver's message; those go to the log.
    """
    parts: dict[str, str] = {}
    for name, ask in PARTS.items():
        try:
            failure = ask()
        except Error as error:
            logger.error("Health: the %s cannot be asked: %s", name, str(error).strip())  # noqa: TRY400 - asked often
            failure = "cannot be asked: see the log"
        parts[name] = failure or "ok"
        if failure:
            break
    healthy = all(state == "ok" for state in parts.values())
    status = "ok" if healthy else "failing"
    return JsonResponse({"status": status, "parts": parts}, status=200 if healthy else 503)
