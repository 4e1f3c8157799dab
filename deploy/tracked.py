"""Check that no tracked file names a package registry's host or a folder of one particular machine.

A registry's host in a lock file sends everyone to that registry; a machine's folder exists there only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# In two parts each, so that this file may be tracked itself.
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com")
FOLDERS = ("work", "root", "home", "Users")
FORBIDDEN = re.compile(
    rf"{'|'.join(map(re.escape, HOSTS))}|(?<![\w.~\-/}}*<>])/(?:{'|'.join(FOLDERS)})/[\w.]", re.IGNORECASE
)


def problems(text: str) -> list[tuple[int, str]]:
    """Return the number of each line that names what it must not, and what it names."""
    return [
        (number, match[0])
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := FORBIDDEN.search(line))
    ]


def tracked_files() -> list[Path]:
    """List the files that a clone would have."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git the machine has
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def main() -> int:
    """Name every such line."""
    found = 0
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture or an archive; or a file about to be removed
        for number, what in problems(text):
            sys.stderr.write(f"{path.relative_to(ROOT)}:{number}: names {what}\n")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
