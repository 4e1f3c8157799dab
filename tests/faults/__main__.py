"""List the faults, or do one and print its figures."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Do the fault that is named; 1 if a promise was broken."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.faults.register import FAULTS
    from tests.faults.site import BrokenError, copy_of, template

    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(FAULTS), help="Which; nothing lists them.")
    parser.add_argument("number", nargs="?", type=int, help="How often or how many, where it asks for it.")
    options = parser.parse_args()
    if options.name is None:
        for name, fault in FAULTS.items():
            number = f" [{fault.number:,} {fault.counts}]" if fault.counts else ""
            sys.stdout.write(f"{name:9} {fault.does}{number}\n")
        return 0
    fault = FAULTS[options.name]
    times: int = fault.number if options.number is None else options.number
    if times < 1:
        parser.error(f"number has to be 1 or more, not {times}")
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        place = Path(folder)
        (place / "original").mkdir()
        with template(place / "original") as original, copy_of(original, place / options.name) as site:
            try:
                lines = fault.run(site, times)
            except BrokenError as broken:
                sys.stdout.write(f"BROKEN: {broken}\n")
                return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
