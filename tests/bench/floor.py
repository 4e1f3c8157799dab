"""The least that loading could cost: start, read the same files with pandas, store the same rows.

Run as a program: ``python -m tests.bench.floor ROWS FILE…``. ROWS is what ``tests.bench.loading`` took from a
loaded database: table, columns and rows. Nothing is checked, compared or read back.
"""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

Table = tuple[str, list[str], list[tuple[Any, ...]]]


def main(rows_file: str, files: list[str]) -> None:
    """Read the files, then store the rows in the database that DATABASE_URL names."""
    for file in files:
        if "geojson" in file or file.endswith("json"):
            json.loads(Path(file).read_bytes())
        else:
            pd.read_csv(file, low_memory=False)
    tables: list[Table] = pickle.loads(Path(rows_file).read_bytes())
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        _sqlite(url.removeprefix("sqlite:///"), tables)
    else:
        _postgresql(url, tables)


def _sqlite(path: str, tables: list[Table]) -> None:
    with sqlite3.connect(path) as connection:
        connection.create_function("REGEXP", 2, lambda _pattern, _text: True)
        connection.execute("PRAGMA synchronous=NORMAL")
        for table, columns, rows in tables:
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    connection.close()


def _postgresql(url: str, tables: list[Table]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, columns, rows in tables:
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
