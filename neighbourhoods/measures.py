"""The register of measures: what each figure is called, counts, means and comes from.

Everything that names a figure reads this register: headings, sentences, rankings, files, the data
dictionary and the admin. A new measure is added here, and where ``index_data`` works out its values.

Rank and value run in opposite ways, so both are settled here once: **rank 1 is always the greatest
need**, and on every measure that has ranks a **higher value means greater need**.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from leftbehind_site.common.paths import path_to


class Unit(StrEnum):
    """What a measure's value counts."""

    PEOPLE = "people"
    LSOAS = "small areas (LSOAs)"
    SCORE = "score"
    PERCENT = "%"
    CATEGORY = "category"


class Theme(StrEnum):
    """What measures are shown together, in order."""

    OVERALL = "The two indices that decide the list"
    COMMUNITY = "Community need"
    DEPRIVATION = "Deprivation"
    SMALL_AREAS = "Small areas inside the ward"
    PLACE = "The place"

    @property
    def heading(self) -> str:
        """What its measures are shown under: "by domain" as long as every one of them is a domain."""
        by_domain = all(measure.domain for measure in MEASURES if measure.theme is self)
        return f"{self}, by domain" if by_domain else self.value


class Sentence(StrEnum):
    """How a figure reads as a sentence that can be quoted. ``wording`` writes it."""

    RANK = "ranks 12th of 7,433 wards for <subject>"
    PEOPLE = "31.2% of <who> <state>"
    TENTH = "75.0% of the LSOAs are among the most deprived tenth for <field>"
    LSOAS = "is made up of 6 LSOAs"
    DEPRIVED_LSOAS = "5 of the 6 LSOAs are among the most deprived tenth"
    POPULATION = "had 9,876 residents"
    AREAS = "most residents live in areas classed as <category>"
    TOWN = "most residents live in <category>"


@dataclass(frozen=True, slots=True)
class Source:
    """A published set of figures that measures rest on.

    Attributes:
        key: Its name in code and in the data package.
        title: What the publisher calls it, with its year.
        credit: Who made it, as it must be credited.
        licence: The terms on which it was published.
        year: The year of publication, which is the year a citation prints.
        geography: The areas it is published for.
    """

    key: str
    title: str
    credit: str
    licence: str
    year: int
    geography: str


CNI: Final = Source(
    key="cni2019",
    title="Community Needs Index 2019",
    credit="OCSI and Local Trust",
    licence="No open licence; ranks of the listed wards only, with credit",
    year=2019,
    geography="7,433 English wards of December 2017",
)
IOD: Final = Source(
    key="iod2019",
    title="English indices of deprivation 2019",
    credit="Ministry of Housing, Communities and Local Government",
    licence="Open Government Licence v3.0",
    year=2019,
    geography="32,844 English LSOAs of 2011",
)
POPULATION: Final = Source(
    key="population2019",
    title="Small area population estimates, mid-2019",
    credit="Office for National Statistics",
    licence="Open Government Licence v3.0",
    year=2020,
    geography="English LSOAs of 2011",
)
GEOGRAPHY: Final = Source(
    key="geography2017",
    title="Best-fit lookup of LSOAs (2011) to wards (December 2017)",
    credit="Office for National Statistics",
    licence="Open Government Licence v3.0",
    year=2017,
    geography="English LSOAs of 2011",
)
RURAL_URBAN: Final = Source(
    key="ruc2011",
    title="Rural Urban Classification 2011 of LSOAs",
    credit="Office for National Statistics",
    licence="Open Government Licence v3.0",
    year=2013,
    geography="English LSOAs of 2011",
)
TOWNS: Final = Source(
    key="towns2015",
    title="Lookup of LSOAs (2011) to major towns and cities (December 2015)",
    credit="Office for National Statistics",
    licence="Open Government Licence v3.0",
    year=2015,
    geography="English LSOAs of 2011",
)
SOURCES: Final = {s.key: s for s in (CNI, IOD, POPULATION, GEOGRAPHY, RURAL_URBAN, TOWNS)}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that every neighbourhood has, or is known to lack.

    Attributes:
        key: Its name in code, files and the database.
        label: Its heading.
        short_label: Its heading where room is scarce.
        unit: What the value counts.
        theme: What it is shown with.
        source: The publication it comes from.
        period: What moment the figure describes.
        note: How it was worked out and what to beware of, for the reader.
        sentence: How it reads as a sentence.
        who: Whom a share of people is of, in such a sentence.
        state: What is true of them.
        field: In which field LSOAs are among the most deprived tenth; empty for deprivation as a whole.
        subject: What it measures, as it reads after "for" in a sentence about a rank.
        domain: Whether it is one of the domains that its index is made of. The profile of a neighbourhood and
            its likeness to others are made of these, and of no other measure.
        ranked: Whether wards are ranked on it. Rank 1 is the highest value, which is the greatest need.
        value_published: False where the publisher's licence lets us print the rank but not the value.
        ours: Whether the figure is our calculation rather than the publisher's own.
        decimals: How many decimal places a page shows; the database and files keep up to four.
    """

    key: str
    label: str
    short_label: str
    unit: Unit
    theme: Theme
    source: Source
    period: str
    note: str
    sentence: Sentence
    who: str = ""
    state: str = ""
    field: str = ""
    subject: str = ""
    domain: bool = False
    ranked: bool = False
    value_published: bool = True
    ours: bool = True
    decimals: int = 0

    @property
    def slug(self) -> str:
        """The measure's name in an address."""
        return self.key.replace("_", "-")

    @property
    def label_head(self) -> str:
        """The label up to its colon, which is a heading by itself."""
        return self.label.partition(": ")[0]

    @property
    def label_detail(self) -> str:
        """What stands behind the colon: what the figure counts."""
        return self.label.partition(": ")[2]

    @property
    def ordered(self) -> bool:
        """Whether neighbourhoods can be put in order of it, and so whether it has a ranking page."""
        return self.unit is not Unit.CATEGORY

    @property
    def direction(self) -> str:
        """Which end is the greatest need, in a sentence."""
        if not self.ordered:
            return "A class, without order."
        if not self.ranked:
            return "A count, not a measure of need; place 1 is the largest."
        if not self.value_published:
            return "Rank 1 is the greatest need."
        return "Rank 1 is the greatest need, and so is the highest value."


_CNI_NOTE = (
    "Rank as published. The index’s scores belong to OCSI and Local Trust and are not reproduced here."
)
_WEIGHTED = "summed over the ward’s best-fit LSOAs"


def _community(key: str, label: str, subject: str, note: str) -> Measure:
    """A domain of the Community Needs Index, of which only the rank may be printed."""
    return Measure(
        key=key,
        label=label,
        short_label=label,
        unit=Unit.SCORE,
        theme=Theme.COMMUNITY,
        source=CNI,
        period="2019",
        note=f"{note} {_CNI_NOTE}",
        sentence=Sentence.RANK,
        subject=subject,
        domain=True,
        ranked=True,
        value_published=False,
        ours=False,
    )


_TENTH_NOTE = (
    "A share of LSOAs counts the ward’s best-fit LSOAs whose decile is 1, the most deprived tenth of"
    " England’s 32,844; many wards tie on so coarse a figure."
)


def _tenth_share(key: str, domain: str, short: str, subject: str, field: str, about: str) -> Measure:
    """The share of a ward's LSOAs that are among England's most deprived tenth in one domain."""
    return Measure(
        key=key,
        label=f"{domain}: LSOAs in England’s most deprived tenth",
        short_label=short,
        unit=Unit.PERCENT,
        theme=Theme.DEPRIVATION,
        source=IOD,
        period="2019",
        note=f"{about} {_TENTH_NOTE}",
        sentence=Sentence.TENTH,
        field=field,
        subject=subject,
        domain=True,
        ranked=True,
        decimals=1,
    )


MEASURES: Final[tuple[Measure, ...]] = (
    Measure(
        key="cni",
        label="Community need",
        short_label="Community need",
        unit=Unit.SCORE,
        theme=Theme.OVERALL,
        source=CNI,
        period="2019",
        note=(
            "The Community Needs Index joins three domains: civic assets, connectedness, and an active and"
            f" engaged community. {_CNI_NOTE}"
        ),
        sentence=Sentence.RANK,
        subject="community need",
        ranked=True,
        value_published=False,
        ours=False,
    ),
    Measure(
        key="imd",
        label="Deprivation: average score",
        short_label="Deprivation",
        unit=Unit.SCORE,
        theme=Theme.OVERALL,
        source=IOD,
        period="2019",
        note=(
            "Average Index of Multiple Deprivation score, weighted by mid-2015 population and"
            f" {_WEIGHTED}; ranked among all wards with LSOAs. The index itself is published for LSOAs only."
        ),
        sentence=Sentence.RANK,
        subject="deprivation",
        ranked=True,
        decimals=1,
    ),
    _community(
        "cni_civic_assets",
        "Civic assets",
        "lack of civic assets",
        "How many places to meet, learn and enjoy culture are close by.",
    ),
    _community(
        "cni_connectedness",
        "Connectedness",
        "lack of connectedness",
        "How easily residents reach services, jobs and the internet, and how isolated they are.",
    ),
    _community(
        "cni_engagement",
        "Active and engaged community",
        "lack of an active and engaged community",
        "How much charitable and civic activity there is, and what stops people joining in.",
    ),
    Measure(
        key="income",
        label="Income deprivation: residents affected",
        short_label="Income",
        unit=Unit.PERCENT,
        theme=Theme.DEPRIVATION,
        source=IOD,
        period="2015–16",
        note=(
            "Share of residents in income-deprived families: the published LSOA rates, weighted by mid-2015"
            f" population and {_WEIGHTED}."
        ),
        sentence=Sentence.PEOPLE,
        who="residents",
        state="live in income deprivation",
        subject="income deprivation",
        domain=True,
        ranked=True,
        decimals=1,
    ),
    Measure(
        key="employment",
        label="Employment deprivation: working-age residents affected",
        short_label="Employment",
        unit=Unit.PERCENT,
        theme=Theme.DEPRIVATION,
        source=IOD,
        period="2015–16",
        note=(
            "Share of working-age residents involuntarily out of work: the published LSOA rates, weighted by"
            f" mid-2015 working-age population and {_WEIGHTED}."
        ),
        sentence=Sentence.PEOPLE,
        who="working-age residents",
        state="are out of work and counted as employment-deprived",
        subject="employment deprivation",
        domain=True,
        ranked=True,
        decimals=1,
    ),
    _tenth_share(
        "education",
        "Education, skills and training",
        "Education",
        "education deprivation",
        "education, skills and training",
        "How far children and adults lack attainment and skills.",
    ),
    _tenth_share(
        "health",
        "Health deprivation and disability",
        "Health",
        "health deprivation",
        "health and disability",
        "The risk of dying early and of living in poor physical or mental health.",
    ),
    _tenth_share("crime", "Crime", "Crime", "crime", "crime", "The risk of becoming a victim of crime."),
    _tenth_share(
        "housing",
        "Barriers to housing and services",
        "Housing barriers",
        "barriers to housing",
        "barriers to housing and services",
        "How far services are, and how hard housing is to come by.",
    ),
    _tenth_share(
        "environment",
        "Living environment",
        "Living environment",
        "living environment deprivation",
        "living environment",
        "The condition of homes, the air, and safety on the roads.",
    ),
    Measure(
        key="lsoas",
        label="LSOAs in the ward",
        short_label="LSOAs",
        unit=Unit.LSOAS,
        theme=Theme.SMALL_AREAS,
        source=GEOGRAPHY,
        period="2017",
        note="Lower-layer super output areas of 2011 that best fit the ward; each has about 1,500 residents.",
        sentence=Sentence.LSOAS,
    ),
    Measure(
        key="deprived_lsoas",
        label="LSOAs in England’s most deprived tenth",
        short_label="Most deprived LSOAs",
        unit=Unit.LSOAS,
        theme=Theme.SMALL_AREAS,
        source=IOD,
        period="2019",
        note="LSOAs of the ward whose Index of Multiple Deprivation decile is 1.",
        sentence=Sentence.DEPRIVED_LSOAS,
    ),
    Measure(
        key="deprived_lsoas_share",
        label="Share of LSOAs in England’s most deprived tenth",
        short_label="Share of LSOAs",
        unit=Unit.PERCENT,
        theme=Theme.SMALL_AREAS,
        source=IOD,
        period="2019",
        note=f"By the Index of Multiple Deprivation as a whole. {_TENTH_NOTE}",
        sentence=Sentence.TENTH,
        subject="its share of LSOAs in England’s most deprived tenth",
        ranked=True,
        decimals=1,
    ),
    Measure(
        key="population",
        label="Population",
        short_label="Population",
        unit=Unit.PEOPLE,
        theme=Theme.PLACE,
        source=POPULATION,
        period="mid-2019",
        note=f"Usual residents, {_WEIGHTED}.",
        sentence=Sentence.POPULATION,
    ),
    Measure(
        key="rural_urban",
        label="Rural or urban",
        short_label="Rural or urban",
        unit=Unit.CATEGORY,
        theme=Theme.PLACE,
        source=RURAL_URBAN,
        period="2011",
        note="The class in which most of the ward’s residents (mid-2019) live.",
        sentence=Sentence.AREAS,
    ),
    Measure(
        key="town",
        label="Major town or city",
        short_label="Town or city",
        unit=Unit.CATEGORY,
        theme=Theme.PLACE,
        source=TOWNS,
        period="2015",
        note=(
            "The major town or city in which most of the ward’s residents (mid-2019) live. Of the built-up"
            " areas in England and Wales, only the 112 largest are so named."
        ),
        sentence=Sentence.TOWN,
    ),
)

HEADLINES: Final = ("cni", "imd")
"""The two measures that decide the list."""

BY_KEY: Final = {measure.key: measure for measure in MEASURES}
RANKED: Final = tuple(measure for measure in MEASURES if measure.ranked)
DOMAINS: Final = tuple(measure for measure in MEASURES if measure.domain)
ORDERED: Final = tuple(measure for measure in MEASURES if measure.ordered)


def find(slug: str) -> Measure | None:
    """The measure that a ranking's address names, in any case and with hyphens or underscores, if any."""
    wanted = slug.lower().replace("_", "-")
    return next((measure for measure in ORDERED if measure.slug == wanted), None)


def ranking_path(measure: Measure) -> str:
    """Where the neighbourhoods stand in the order of a measure."""
    return path_to("neighbourhoods:ranking", measure.slug)


def labels() -> list[tuple[str, str]]:
    """Key and heading of every measure, for forms; no migration names them, since it names this."""
    return [(measure.key, measure.label) for measure in MEASURES]


NO_TOWN: Final = "None: outside the major towns and cities"
"""The category of a ward most of whose residents live in no major town or city: known, not missing."""
