"""What the two commands that take published files have in common: their options and their way of failing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from neighbourhoods.dataset import EXPECTED_NEIGHBOURHOODS, Dataset
from neighbourhoods.index_data.build import build
from neighbourhoods.index_data.sources import FORMATS

T = TypeVar("T")


class PublishedFilesCommand(BaseCommand):
    """A command that builds a dataset from published files."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, one option per format, and how many wards to expect."""
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            metavar="DIR",
            help="Folder of published files. Each is recognised by its header, whatever it is called.",
        )
        parser.add_argument(
            "--expect",
            type=int,
            default=EXPECTED_NEIGHBOURHOODS,
            metavar="N",
            help=f"How many wards the list must name (default {EXPECTED_NEIGHBOURHOODS}).",
        )
        files = parser.add_argument_group("single files, which go before those of the folder")
        for known in FORMATS.values():
            files.add_argument(
                f"--{known.key}", dest=f"file {known.key}", type=Path, metavar="FILE", help=known.title
            )

    def build(self, options: dict[str, Any]) -> Dataset:
        """The dataset that the published files named by the options make."""
        return build(
            options["folder"],
            self.named(options),
            expect=options["expect"],
            progress=lambda paths: self.progress(list(paths), "Reading", options),
            notice=lambda text: self.say(text, options),
        )

    @staticmethod
    def named(options: dict[str, Any]) -> dict[str, Path]:
        """Format key → file, for the single files that the options name."""
        return {
            key.removeprefix("file "): path
            for key, path in options.items()
            if key.startswith("file ") and path is not None
        }

    def say(self, text: str, options: dict[str, Any]) -> None:
        """Tell the person, unless asked to be quiet."""
        if options["verbosity"] > 0:
            self.stdout.write(text)

    def progress(self, steps: Sequence[T], label: str, options: dict[str, Any]) -> Iterable[T]:
        """The steps, with a bar while they take time and somebody is watching."""
        quiet = options["verbosity"] == 0 or not sys.stderr.isatty()
        return tqdm(steps, desc=label, disable=quiet, leave=False, file=sys.stderr)


def refuse(error: Exception | str) -> CommandError:
    """An error as a command reports it: what is wrong, and that nothing was changed."""
    return CommandError(f"{error}\nNothing was changed.")
