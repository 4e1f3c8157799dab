"""Places by name, forgiving what people type: other spellings, another order, a slip of the finger.

Names are read anew for each search and compared in memory; there are a few hundred of them. Edit distances
come from a library, so both databases give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from django.db.models import Count, Q

from leftbehind_site.common import spelling
from leftbehind_site.common.words import fold
from neighbourhoods import wording
from neighbourhoods.measures import ORDERED, Measure, ranking_path
from neighbourhoods.models import Constituency, LocalAuthority, Neighbourhood, Region, Release

NOISE: Final = frozenset(
    {
        *("and", "the", "of", "in", "near", "ward", "neighbourhood", "neighbourhoods"),
        *("council", "borough", "district", "metropolitan", "city", "county", "region", "constituency"),
        *("local", "authority", "uk", "england", "ranking", "rankings"),
    }
)
"""Words that come with a name and tell no place from another."""

_MOST_WORDS: Final = 16
_SHORTEST_START: Final = 3
"""Letters from which on a word may be the beginning of another one."""

T = TypeVar("T")


def _words(text: str) -> tuple[str, ...]:
    """A name's words without noise; all of them where nothing else is left."""
    words = tuple(fold(text).split())
    return tuple(word for word in words if word not in NOISE) or words


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """Something with a name that may be looked for.

    Attributes:
        thing: What it is.
        name: As it is written.
        codes: Official codes it is known by.
        around: Names of what it lies in, which may be said along with its own.
        words: Of the name.
        other_words: Of what it lies in.
        joined: The name, alone and with each of what it lies in, with no spaces to get wrong, "and" in it or
            not, "Saint" or "St".
    """

    thing: T
    name: str
    codes: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    words: tuple[str, ...] = field(init=False)
    other_words: tuple[str, ...] = field(init=False)
    joined: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Fold the names once."""
        words, others = _words(self.name), [_words(name) for name in self.around]
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "other_words", tuple(word for other in others for word in other))
        full = (words, tuple(fold(self.name).split()))
        short = (tuple("st" if word == "saint" else word for word in name) for name in full)
        spelt = (*full, *short)
        joined = ("".join((*name, *other)) for other in ((), *others) for name in spelt)
        object.__setattr__(self, "joined", tuple(dict.fromkeys(joined)))


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """Something whose name is close to what was typed.

    Attributes:
        named: It.
        edits: Letters that had to be added, left out, changed or swapped.
        unlike: How unlike the letters were, for those with as many edits.
        left: Words of the name that were not typed, or only begun.
        begun: Words of the name that were only begun.
        beside: Words that were typed of what it lies in.
        forgiven: What was typed wrongly, with what was taken for it.
    """

    named: Named[T]
    edits: int = 0
    unlike: int = 0
    left: int = 0
    begun: int = 0
    beside: int = 0
    forgiven: tuple[tuple[str, str], ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the whole name was typed, and no letter of it wrong."""
        return not (self.edits or self.left)

    @property
    def whole(self) -> bool:
        """Whether the whole name was typed, rightly or not."""
        return not self.left

    @property
    def loose(self) -> bool:
        """Whether a word was only begun, and more than its end is missing for the whole name."""
        return bool(self.begun) and (self.left > self.begun or self.beside > 0)

    @property
    def order(self) -> tuple[int | str, ...]:
        """The closest first; those equally close by name; those of one name stay as they were listed."""
        close = (self.edits, self.unlike, self.left, self.begun, self.beside)
        return *close, fold(self.named.name)


def _allowed(word: str) -> int:
    """How many slips a word may have and still be that word."""
    return 0 if len(word) < 3 else 1 if len(word) < 7 else 2


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a typed word may stand for a known one: the slips, and whether it is only begun."""

    edits: int = 0
    unlike: int = 0
    begun: int = 0


def _readings(word: str, known: Iterable[str], *, forgiving: bool) -> dict[str, _Reading]:
    """The known words that a typed one may stand for."""
    found = {}
    for other in known:
        if other == word:
            found[other] = _Reading()
        elif len(word) >= _SHORTEST_START and other.startswith(word):
            found[other] = _Reading(begun=1)
        elif forgiving and other[0].isalpha():
            slips = _allowed(min(word, other, key=len))
            edits = spelling.edits(word, other, slips)
            if edits <= slips:
                found[other] = _Reading(edits, spelling.unlike(word, other))
    return found


def _take(readings: dict[str, _Reading], words: list[str]) -> tuple[str, _Reading] | None:
    """The best of some words for what was typed; it is used up then."""
    fitting = [(readings[word], word) for word in words if word in readings]
    if not fitting:
        return None
    reading, word = min(fitting, key=lambda pair: (pair[0].edits, pair[0].unlike, pair[0].begun))
    words.remove(word)
    return word, reading


def _match(
    asked: Sequence[str], named: Named[T], readings: dict[str, dict[str, _Reading]]
) -> Match[T] | None:
    """How a name fits the words that were typed; each of these must be found in it or around it."""
    own, around = list(named.words), list(named.other_words)
    edits = unlike = begun = beside = 0
    forgiven = []
    for word in asked:
        taken = _take(readings[word], own)
        if taken is None:
            taken = _take(readings[word], around)
            beside += 1
        if taken is None:
            return None
        meant, reading = taken
        edits, unlike, begun = edits + reading.edits, unlike + reading.unlike, begun + reading.begun
        if reading.edits:
            forgiven.append((word, meant))
    if beside == len(asked):
        return None
    return Match(named, edits, unlike, len(own) + begun, begun, beside, tuple(forgiven))


def _joined(asked: Sequence[str], named: Named[T], *, forgiving: bool) -> Match[T] | None:
    """How a name fits what was typed when all spaces are left out."""
    typed = "".join(asked)
    if not forgiving:
        return Match(named) if typed in named.joined else None
    for name in named.joined:
        slips = _allowed(min(typed, name, key=len))
        edits = spelling.edits(typed, name, slips)
        if edits <= slips:
            forgiven = ((" ".join(asked), fold(named.name)),) if edits else ()
            return Match(named, edits, spelling.unlike(typed, name), forgiven=forgiven)
    return None


def closest(typed: str, candidates: Sequence[Named[T]], *, forgiving: bool = False) -> list[Match[T]]:
    """The candidates whose names fit what was typed, the closest first.

    Args:
        typed: A name, or words of it, with or without what it lies in.
        candidates: What may be meant.
        forgiving: Whether typing errors are forgiven.
    """
    by_code = [Match(named) for named in candidates if typed.strip().upper() in named.codes]
    asked = _words(typed)
    if by_code or not asked or len(asked) > _MOST_WORDS:
        return by_code
    known = {word for named in candidates for word in (*named.words, *named.other_words)}
    readings = {word: _readings(word, known, forgiving=forgiving) for word in asked}
    known_all = all(readings.values())
    found = (
        (known_all and _match(asked, named, readings)) or _joined(asked, named, forgiving=forgiving)
        for named in candidates
    )
    return sorted((match for match in found if match), key=lambda match: match.order)


def within(typed: str, candidates: Sequence[Named[T]]) -> list[Match[T]]:
    """The candidates whose whole names stand among what was typed, the longest first."""
    asked = set(_words(typed))
    found = [Match(named) for named in candidates if asked.issuperset(named.words)]
    return sorted(found, key=lambda match: (-len(match.named.words), match.order))


# --- what the directory has names for


@dataclass(frozen=True, slots=True)
class Place:
    """A neighbourhood as a result."""

    neighbourhood: Neighbourhood

    @property
    def name(self) -> str:
        """Its name."""
        return self.neighbourhood.name

    @property
    def path(self) -> str:
        """Its page."""
        return self.neighbourhood.get_absolute_url()

    @property
    def where(self) -> str:
        """Its authority and region: names repeat."""
        authority = self.neighbourhood.authority
        return f"{authority.in_prose}, {authority.region.name}"


@dataclass(frozen=True, slots=True)
class Area:
    """An area or a ranking as a result.

    Attributes:
        name: Its name.
        kind: What it is, in words.
        thing: What its page is about.
    """

    name: str
    kind: str
    thing: Region | LocalAuthority | Constituency | Measure

    @property
    def path(self) -> str:
        """Its page."""
        if isinstance(self.thing, Measure):
            return ranking_path(self.thing)
        return self.thing.get_absolute_url()


@dataclass(frozen=True, slots=True)
class Found:
    """What the directory has for a search.

    Attributes:
        places: Neighbourhoods.
        areas: Authorities, constituencies, regions and rankings.
        forgiven: Whether a typing error had to be forgiven.
        some: Whether only some of the words are those of a name.
    """

    places: tuple[Match[Place], ...] = ()
    areas: tuple[Match[Area], ...] = ()
    forgiven: bool = False
    some: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.places or self.areas)

    @property
    def certain(self) -> bool:
        """Whether there is something with all the words just as they were typed."""
        return bool(self) and not self.forgiven and not self.some

    @property
    def exact(self) -> bool:
        """Whether a neighbourhood has just the name that was typed."""
        return self.certain and any(match.exact for match in self.places)

    @property
    def matches(self) -> tuple[Match[Any], ...]:
        """Places and areas."""
        return (*self.places, *self.areas)

    @property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """What was typed wrongly with what was taken for it, the likeliest first."""
        return tuple(dict.fromkeys(pair for match in self.matches for pair in match.forgiven))

    @property
    def nearest(self) -> Found:
        """The same with no more than those that needed the fewest edits, of those that needed any."""
        least = min((match.edits for match in self.matches if match.edits), default=0)
        places = tuple(match for match in self.places if match.edits == least)
        areas = tuple(match for match in self.areas if match.edits == least)
        return Found(places, areas, self.forgiven, self.some)

    @property
    def whole(self) -> Found:
        """The same with no more than those whose whole name was typed."""
        places = tuple(match for match in self.places if match.whole)
        areas = tuple(match for match in self.areas if match.whole)
        return Found(places, areas, self.forgiven, self.some)


@dataclass(frozen=True, slots=True)
class Names:
    """Everything the directory has a name for."""

    places: tuple[Named[Place], ...]
    areas: tuple[Named[Area], ...]

    def find(self, typed: str) -> Found:
        """The places and areas with the names that were typed, or nearly.

        Typing errors are forgiven only where nothing is spelt as it was typed: who types a name rightly wants
        no other one. A name that fits loosely gives way to one that a slip away fits as a whole. Where that
        does not help either, names among the words are found.
        """
        found = self._closest(typed, forgiving=False)
        if found and not all(match.loose for match in found.matches):
            return found
        near = self._closest(typed, forgiving=True).nearest
        if found:
            return near.whole or found
        return near or Found(tuple(within(typed, self.places)), tuple(within(typed, self.areas)), some=True)

    def _closest(self, typed: str, *, forgiving: bool) -> Found:
        return Found(
            tuple(closest(typed, self.places, forgiving=forgiving)),
            tuple(closest(typed, self.areas, forgiving=forgiving)),
            forgiven=forgiving,
        )


def names() -> Names:
    """The names as they are at this moment; three queries."""
    neighbourhoods = list(
        Neighbourhood.objects.listed().select_related("authority__region", "authority_2017").order_by("code")
    )
    places = (
        Named(
            Place(one),
            one.name,
            (one.code,),
            tuple(dict.fromkeys((one.authority.name, one.authority_2017.name, one.authority.region.name))),
        )
        for one in neighbourhoods
    )
    areas = (*_authorities(neighbourhoods), *_constituencies(), *_regions(neighbourhoods), *_rankings())
    return Names(tuple(places), areas)


def _has(count: int) -> str:
    return wording.count(count, "listed neighbourhood") if count else "no listed neighbourhood"


def _authorities(neighbourhoods: Sequence[Neighbourhood]) -> list[Named[Area]]:
    """The authorities that have a listed neighbourhood; an abolished one leads to its successor."""
    counts: dict[LocalAuthority, int] = {}
    former: dict[LocalAuthority, LocalAuthority] = {}
    for one in neighbourhoods:
        counts[one.authority] = counts.get(one.authority, 0) + 1
        if one.authority_2017_id != one.authority_id:
            former[one.authority_2017] = one.authority
    named = []
    for authority, count in sorted(counts.items(), key=lambda pair: pair[0].code):
        name = authority.in_prose
        where = wording.region(authority.region.name)
        area = Area(name, f"Local authority in {where}: {_has(count)}", authority)
        named.append(Named(area, name, (authority.code,), (authority.region.name,)))
    for old, authority in sorted(former.items(), key=lambda pair: pair[0].name):
        kind = f"Local authority until 2019, now part of {authority.in_prose}"
        area = Area(old.in_prose, kind, authority)
        named.append(Named(area, area.name, (), (authority.name,)))
    return named


def _constituencies() -> list[Named[Area]]:
    """The constituencies of both sets of boundaries that a listed neighbourhood lies in; one query."""
    listed = Count("neighbourhoods", Q(neighbourhoods__release__state=Release.State.CURRENT), distinct=True)
    found = Constituency.objects.annotate(listed=listed).filter(listed__gt=0)
    return [
        Named(
            Area(one.name, f"Constituency, boundaries {one.get_drawn_display()}: {_has(one.listed)}", one),
            one.name,
            (one.code,),
        )
        for one in found.order_by("-drawn", "name", "code")
    ]


def _regions(neighbourhoods: Sequence[Neighbourhood]) -> list[Named[Area]]:
    """All regions; one query."""
    counts: dict[str, int] = {}
    for one in neighbourhoods:
        counts[one.authority.region_id] = counts.get(one.authority.region_id, 0) + 1
    return [
        Named(
            Area(one.name, f"Region: {_has(counts.get(one.code, 0))}", one),
            one.name,
            (one.code,),
        )
        for one in Region.objects.order_by("name")
    ]


def _rankings() -> list[Named[Area]]:
    """The measures that the neighbourhoods can be put in order of."""
    return [
        Named(
            Area(measure.label, "Ranking of the listed neighbourhoods", measure),
            measure.label,
        )
        for measure in ORDERED
    ]
