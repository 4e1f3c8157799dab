"""Make a PostgreSQL role that can read the site's public tables and do nothing else, for a frozen site.

    DATABASE_URL=postgresql://<owner>@<host>/<name> python deploy/reader.py site_reader

The account in DATABASE_URL has to own the tables and to be allowed to make roles. The role's password is
taken from READER_PASSWORD, or made and printed once. Run it again after a migration: new tables are not
readable by themselves.
"""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any, Final

import psycopg
from psycopg import sql

PRIVATE: Final = ("auth_%", "django_session", "django_admin_log", "%historical%")
"""Tables that no page for the public reads: accounts, sessions, and who changed what."""


def make_reader(connection: psycopg.Connection[tuple[Any, ...]], name: str, password: str) -> None:
    """Make the role, or set its password anew, and give it the right to read what the public reads.

    Args:
        connection: To the site's database, as the owner of its tables.
        name: Of the role.
        password: Of the role.
    """
    role, database = sql.Identifier(name), sql.Identifier(connection.info.dbname)
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statements: list[sql.Composed | sql.SQL] = [
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD {}").format(
            sql.SQL("ALTER" if known else "CREATE"), role, sql.Literal(password)
        ),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role),
        # Everybody may make tables of their own, for a while or for good, unless it is taken from them.
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
    ]
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename LIKE ANY(%s)",
        [list(PRIVATE)],
    ).fetchall()
    statements += [
        sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier("public", table), role)
        for (table,) in tables
    ]
    for statement in statements:
        connection.execute(statement)
    connection.commit()


def main() -> None:
    """Make the role that the command line names."""
    url = os.environ.get("DATABASE_URL", "")
    if len(sys.argv) != 2 or not url.startswith("postgres"):
        sys.exit("Usage: DATABASE_URL=postgresql://<owner>@<host>/<name> python deploy/reader.py <role>")
    name, given = sys.argv[1], os.environ.get("READER_PASSWORD", "")
    password = given or secrets.token_urlsafe(32)
    try:
        with psycopg.connect(url) as connection:
            make_reader(connection, name, password)
    except psycopg.Error as error:
        sys.exit(f"The role was not made: {str(error).strip()}")
    told = "" if given else f" Its password: {password}"
    sys.stdout.write(f"{name} can read the site’s public tables.{told}\n")


if __name__ == "__main__":
    main()
