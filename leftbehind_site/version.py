"""Which version of the site's code this is."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

from leftbehind_site.environment import PROJECT_ROOT


def version(root: Path = PROJECT_ROOT) -> str:
    """The version that the project gives itself and, in a clone, the commit.

    Args:
        root: The project's folder.

    Returns:
        Such as ``1.0.0 (commit 1a2b3c4d5e6f)``; ``unknown`` where neither can be told.
    """
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        number = str(project["version"])
    except (OSError, KeyError, ValueError):
        number = "unknown"
    commit = _commit(root)
    return f"{number} (commit {commit})" if commit else number


def _commit(root: Path) -> str:
    """The commit that is checked out; empty where there is no repository, or no git to ask."""
    if not (root / ".git").exists():
        return ""
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - whichever git the machine has
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
