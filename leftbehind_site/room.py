"""Room on disks: whether an error means that one is full, and on which one a folder lies.

On a full disk an editor is told to wait, and that nothing was saved.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Final

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a file system says: full, the account's share used up, a file as large as it may be."""

_SQLITE: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""What SQLite says when its file, or one of those beside it, cannot grow."""

_POSTGRESQL: Final = "53100"
"""The SQLSTATE of a server whose disk is full."""


def nearest_folder(path: Path) -> Path:
    """A folder, or the nearest one above it that exists: where what is written there would take its room."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())


def is_no_room(error: BaseException | None) -> bool:
    """Whether an error, or one that it came of, is that there is no room."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) in _SQLITE:
            return True
        if getattr(error, "sqlstate", None) == _POSTGRESQL:
            return True
        error = error.__cause__ or error.__context__
    return False
