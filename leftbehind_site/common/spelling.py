"""How far a word that was typed is from one that is known.

The distances are rapidfuzz's, which is read when the first is asked for: no page needs it, and every start of
the server would wait for it.
"""

from __future__ import annotations


def edits(word: str, other: str, most: int) -> int:
    """How many slips lie between two words: letters changed, left out, put in or swapped with the next.

    Args:
        word: One of them.
        other: The other.
        most: From how many on it is all the same.

    Returns:
        ``most`` and one for any number above it.
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - see above

    return OSA.distance(word, other, score_cutoff=most)


def unlike(word: str, other: str) -> int:
    """How unlike two words are that are as many slips apart: letters swapped, then left out, then changed."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - see above

    return 0 if sorted(word) == sorted(other) else Indel.distance(word, other)


def alike(word: str, known: list[str], *, least: int, most: int) -> list[tuple[str, float]]:
    """The known words that are much like one.

    Args:
        word: What they are compared with.
        known: All of them.
        least: How much alike they have to be, of 100.
        most: How many are wanted.

    Returns:
        Words with how much alike they are, of 1; the most alike first.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - see above

    found = process.extract(word, known, scorer=fuzz.ratio, score_cutoff=least, limit=most)
    return [(other, score / 100) for other, score, _ in found]
