"""The one shape in which bad input is reported, by readers, the dataset and the load alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class SourceError(Exception):
    """Something in an input file that must be put right before anything is written.

    Attributes:
        file: Name of the file.
        expected: What should have been there, as a phrase.
        line: Line of the file, counting the header as 1, where one line is at fault.
        column: Name of the column, where one column is at fault.
        value: What was there instead.
        hint: What to do about it, where that is not plain.
    """

    file: str
    expected: str
    line: int | None = None
    column: str | None = None
    value: object = None
    hint: str = ""

    def __str__(self) -> str:
        """One line that names file, line, column, value and expectation."""
        where = self.file
        if self.line is not None:
            where += f", line {self.line:,}"
        if self.column is not None:
            where += f", column “{self.column}”"
        found = "" if self.value is None else f"found {shorten(self.value)}, "
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {found}expected {self.expected}.{hint}"


def shorten(value: object, limit: int = 80) -> str:
    """A value as it can be shown in a message: quoted, on one line, not endless."""
    text = repr(str(value))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
