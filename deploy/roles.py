"""Make the two PostgreSQL roles that the site's processes use, each with the least rights that will do.

    DATABASE_URL=postgresql://<owner>@<host>/<name> python deploy/roles.py

The account in DATABASE_URL has to own the tables and to be allowed to make roles. It is for commands: it
migrates and loads. The editing desk works as ``site_desk``, the public site as ``site_public``; a frozen site
needs the second alone (``--public-only``). Passwords come from DESK_PASSWORD and PUBLIC_PASSWORD. Without
them a new role's password is made and printed once, and a role that is there keeps the one it has.

Run it again after each migration: a new table is closed to both roles until then. Nothing else is changed by
a second run.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import psycopg
from psycopg import sql

DESK, PUBLIC = "site_desk", "site_public"

MOST_CONNECTIONS: Final = 60
"""Of each role: what goes wrong in one process leaves the owner a way in."""

Connection = psycopg.Connection[tuple[Any, ...]]


class RoleError(Exception):
    """A role that cannot be given as few rights as it is to have; the message is for the operator."""


class Table(StrEnum):
    """What kind of table it is, as far as rights go."""

    HISTORY = "history"
    """Who changed what: added to, never rewritten."""
    FIGURES = "figures"
    """Written by loads alone."""
    RECORD = "record"
    """What editors write and the public reads."""
    COUNTER = "counter"
    """How often something changed; counted by triggers."""
    MIGRATED = "migrated"
    """What migrations alone write: which of them were applied, and the kinds of items there are."""
    ACCOUNTS = "accounts"
    """Everything else: accounts, sessions, failed log-ins. Closed to the public, and so is what is new."""


def kind_of(table: str) -> Table:
    """The kind of a table, by its name."""
    if "historical" in table:
        return Table.HISTORY
    if table in {"django_migrations", "django_content_type"}:
        return Table.MIGRATED
    for beginning, kind in (
        ("neighbourhoods_", Table.FIGURES),
        ("appg_", Table.RECORD),
        ("leftbehind_site_", Table.COUNTER),
    ):
        if table.startswith(beginning):
            return kind
    return Table.ACCOUNTS


_RIGHTS: Final[dict[str, dict[Table, str]]] = {
    "desk": {
        Table.HISTORY: "SELECT, INSERT",
        Table.FIGURES: "SELECT",
        Table.RECORD: "SELECT, INSERT, UPDATE, DELETE",
        Table.COUNTER: "SELECT, INSERT, UPDATE",
        Table.MIGRATED: "SELECT",
        Table.ACCOUNTS: "SELECT, INSERT, UPDATE, DELETE",
    },
    "public": {
        Table.FIGURES: "SELECT",
        Table.RECORD: "SELECT",
        Table.COUNTER: "SELECT",
        Table.MIGRATED: "SELECT",
    },
}
"""What each role may do with the rows of each kind; nothing where nothing is said."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role to be made or put right.

    Attributes:
        kind: ``desk`` or ``public``.
        name: Of the role.
        password: Given from outside; empty if the role keeps its own, or gets a new one.
    """

    kind: str
    name: str
    password: str = ""


def make_roles(connection: Connection, roles: list[Role]) -> dict[str, str]:
    """Make the roles that are missing, and give each exactly the rights it is to have.

    Args:
        connection: To the site's database, as the owner of its tables.
        roles: To be made.

    Returns:
        The passwords that were made here, by role.

    Raises:
        RoleError: If a role of that name has rights that cannot be taken from it; then nothing has changed.
        psycopg.Error: If the account may not; then nothing has changed.
    """
    made: dict[str, str] = {}
    with connection.transaction():
        database = sql.Identifier(connection.info.dbname)
        # Everybody may come in and make tables, for a while or for good, unless it is taken from them.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC")
        for role in roles:
            password = _make(connection, role)
            if password:
                made[role.name] = password
            _grant(connection, role)
    return made


def _make(connection: Connection, role: Role) -> str:
    """Make or alter a role; its password, if one was made."""
    name = sql.Identifier(role.name)
    known = connection.execute(_KNOWN, {"name": role.name}).fetchone()
    if known is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    elif known[0]:
        raise RoleError(
            f"{role.name} is a superuser, may replicate or pass row security, belongs to another role, or"
            " owns something in this database; name a role that is for this site alone"
        )
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT {}").format(
            name, sql.Literal(MOST_CONNECTIONS)
        )
    )
    made = "" if role.password or known else secrets.token_urlsafe(32)
    if password := role.password or made:
        # Not as it is: the server may write statements to its log.
        told = connection.pgconn.encrypt_password(
            password.encode(), role.name.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(told)))
    read_only = "on" if role.kind == "public" else "off"
    connection.execute(
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = {}").format(name, sql.SQL(read_only))
    )
    return made


def _grant(connection: Connection, role: Role) -> None:
    """Take every right in the schema from a role, and give it its own."""
    name, database = sql.Identifier(role.name), sql.Identifier(connection.info.dbname)
    statements = [
        sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, name),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(name),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name),
        sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
    ]
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for (table,) in tables:
        statements += _rights(role, table, name)
    if role.kind == "desk":
        statements.append(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(name))
        # Whoever deletes an account takes it out of what it made, in tables too that are otherwise closed.
        statements += [
            sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(
                sql.Identifier(column), sql.Identifier("public", table), name
            )
            for table, column in connection.execute(_OF_ACCOUNTS).fetchall()
            if kind_of(table) in (Table.HISTORY, Table.FIGURES)
        ]
    for statement in statements:
        connection.execute(statement)


def _rights(role: Role, table: str, name: sql.Identifier) -> list[sql.Composed]:
    rights = _RIGHTS[role.kind].get(kind_of(table), "")
    if not rights:
        return []
    target = sql.Identifier("public", table)
    return [
        sql.SQL("GRANT {} ON {} TO {}").format(
            sql.SQL(", ").join(map(sql.SQL, rights.split(", "))), target, name
        )
    ]


_KNOWN: Final = """
    SELECT rolsuper OR rolreplication OR rolbypassrls
        OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_database WHERE datdba = pg_roles.oid)
    FROM pg_roles WHERE rolname = %(name)s
"""
"""Whether a role can do what no grant of ours could take from it; no row if there is no such role."""

_OF_ACCOUNTS: Final = """
    SELECT constrained.relname, attname
    FROM pg_constraint
    JOIN pg_class AS constrained ON constrained.oid = conrelid
    JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
    WHERE contype = 'f' AND confrelid = to_regclass('public.auth_user')
        AND connamespace = 'public'::regnamespace
"""
"""Tables with the columns in which they name an account."""


def main() -> None:
    """Make the roles that the command line names."""
    parser = argparse.ArgumentParser(
        description="Make the PostgreSQL roles of the desk and of the public site, or put them right.",
        epilog="DATABASE_URL is the owner’s; DESK_PASSWORD and PUBLIC_PASSWORD are the roles’ passwords.",
    )
    parser.add_argument("--desk", default=DESK, metavar="NAME", help="of the desk’s role (%(default)s)")
    parser.add_argument("--public", default=PUBLIC, metavar="NAME", help="of the public one (%(default)s)")
    parser.add_argument("--public-only", action="store_true", help="make no role for a desk")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres:", "postgresql:")):
        parser.error("DATABASE_URL has to be the owner’s address of a PostgreSQL database")
    roles = [Role("public", options.public, os.environ.get("PUBLIC_PASSWORD", ""))]
    if not options.public_only:
        roles.insert(0, Role("desk", options.desk, os.environ.get("DESK_PASSWORD", "")))
    if len({role.name for role in roles}) < len(roles):
        parser.error("the two roles need two names")
    try:
        with psycopg.connect(url) as connection:
            owner = connection.info.user
            if owner in {role.name for role in roles}:
                parser.error(f"{owner} is the owner itself, who keeps all rights; name another role")
            made = make_roles(connection, roles)
    except (RoleError, psycopg.Error) as error:
        sys.exit(f"The roles were not made, and nothing has changed: {str(error).strip()}")
    for role in roles:
        told = f" Its password: {made[role.name]}" if role.name in made else ""
        sys.stdout.write(
            f"{role.name} has the rights of the {role.kind} site.{told}\n".replace("desk site", "desk")
        )


if __name__ == "__main__":
    main()
