"""The directory's tables: areas, neighbourhoods, releases and the figures that belong to a release.

An official code is an area's identity; a name never is (three names occur twice among the 225). Rows are
written by ``loading`` alone. Nothing here cascades: a release or an area that anything rests on cannot be
deleted, so no deletion takes history along.
"""

from __future__ import annotations

from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast
from django.utils.functional import cached_property
from django.utils.text import slugify

from leftbehind_site.common.paths import path_to
from leftbehind_site.common.statements import Statement
from neighbourhoods import codes, measures, wording


def _code(pattern: str, help_text: str) -> models.CharField[str, str]:
    """A nine-character official code as primary key."""
    return models.CharField(primary_key=True, max_length=9, help_text=f"{help_text} ({pattern})")


def _matches(model: str, field: str, pattern: str) -> models.CheckConstraint:
    """The constraint that a code has its official shape."""
    return models.CheckConstraint(condition=Q(**{f"{field}__regex": pattern}), name=f"{model}_{field}_shape")


class Region(models.Model):
    """One of the nine English regions."""

    code = _code(codes.REGION, "ONS code")
    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)
        constraints = (_matches("region", "code", codes.REGION),)

    def __str__(self) -> str:
        """The region's name."""
        return self.name

    def get_absolute_url(self) -> str:
        """The region's page."""
        return path_to("neighbourhoods:region", self.slug)

    @cached_property
    def slug(self) -> str:
        """The region's name in an address."""
        return slugify(self.name)


class LocalAuthority(models.Model):
    """A local authority district, of December 2017 or of April 2019.

    Most are both. One that was abolished in between points at its successor; neighbourhoods are shown under
    the authority of 2019, and keep the one of 2017 as a fact.
    """

    code = _code(codes.AUTHORITY, "ONS code")
    name = models.CharField(max_length=100)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="authorities")
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        help_text="The authority of 2019 that replaced it; empty while it stands.",
    )

    class Meta:
        ordering = ("name", "code")
        verbose_name_plural = "local authorities"
        constraints = (
            _matches("authority", "code", codes.AUTHORITY),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("code")),
                name="authority_not_its_own_successor",
            ),
        )

    def __str__(self) -> str:
        """The authority's name."""
        return self.name

    def get_absolute_url(self) -> str:
        """The authority's page."""
        return path_to("neighbourhoods:authority", self.code, self.slug)

    @property
    def in_prose(self) -> str:
        """Its name as prose has it: Bristol, where official lists say "Bristol, City of"."""
        return wording.authority(self.name)

    @cached_property
    def slug(self) -> str:
        """The authority's name in an address."""
        return slugify(self.name)


class Constituency(models.Model):
    """A constituency of the United Kingdom Parliament, as drawn in 2010 or in 2024."""

    class Drawn(models.IntegerChoices):
        """The general election at which the boundaries came into use."""

        Y2010 = 2010, "2010 to 2024"
        Y2024 = 2024, "since 2024"

    code = _code(codes.CONSTITUENCY, "ONS code")
    name = models.CharField(max_length=100)
    drawn = models.PositiveSmallIntegerField(
        choices=Drawn, help_text="Year of the general election at which these boundaries came into use."
    )

    class Meta:
        ordering = ("name", "code")
        verbose_name_plural = "constituencies"
        constraints = (
            _matches("constituency", "code", codes.CONSTITUENCY),
            models.CheckConstraint(condition=Q(drawn__in=(2010, 2024)), name="constituency_drawn_known"),
        )

    def __str__(self) -> str:
        """The constituency's name."""
        return self.name

    def get_absolute_url(self) -> str:
        """The constituency's page."""
        return path_to("neighbourhoods:constituency", self.code, self.slug)

    @cached_property
    def slug(self) -> str:
        """The constituency's name in an address."""
        return slugify(self.name)


class ReleaseManager(models.Manager["Release"]):
    """Releases, and the one that is in force."""

    def current(self) -> Release | None:
        """The release whose figures the public sees, if any has been loaded."""
        return _CURRENT.first()


class Release(models.Model):
    """One loading of the dataset: what it came from, when, by whom, and what it changed."""

    class State(models.TextChoices):
        """Whether the public sees the release's figures."""

        CURRENT = "current", "Current"
        SUPERSEDED = "superseded", "Superseded"

    title = models.CharField(max_length=200)
    geography = models.CharField(max_length=200)
    fingerprint = models.CharField(
        max_length=64,
        unique=True,
        help_text="SHA-256 over the dataset; the same data cannot be loaded twice.",
    )
    state = models.CharField(max_length=10, choices=State)
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    loaded_by_name = models.CharField(
        max_length=150, help_text="Who loaded it; kept when the account is deleted."
    )
    wards_compared = models.PositiveIntegerField(help_text="Wards of the Community Needs Index file.")
    report = models.JSONField(help_text="Counts before and after, and the changes by name.")
    grid = models.JSONField(
        default=list,
        help_text="Wards of England by cell of community need rank and deprivation rank: cell along need,"
        " cell along deprivation (0 holds the ranks of greatest need), wards.",
    )

    objects = ReleaseManager()

    class Meta:
        ordering = ("-loaded_at", "-pk")
        constraints = (
            _matches("release", "fingerprint", codes.SHA256),
            models.UniqueConstraint(
                fields=("state",), condition=Q(state="current"), name="release_only_one_current"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("current", "superseded")), name="release_state_known"
            ),
        )

    def __str__(self) -> str:
        """Its title and the beginning of its fingerprint."""
        return f"{self.title} ({self.fingerprint[:8]})"

    def get_absolute_url(self) -> str:
        """The release's page."""
        return path_to("data:release", self.mark)

    @property
    def mark(self) -> str:
        """The beginning of its fingerprint, which names it in addresses wherever it is loaded."""
        return self.fingerprint[:12]


_CURRENT: Final = Statement(lambda: Release.objects.filter(state=Release.State.CURRENT))


class ReleaseFile(models.Model):
    """A published file that a release was built from."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    role = models.CharField(max_length=40, help_text="Which of the formats the load knows.")
    file_name = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    publisher = models.CharField(max_length=255)
    licence = models.CharField(max_length=255)
    vintage = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, help_text="Of the file's content, after gunzip.")
    rows = models.PositiveIntegerField()

    class Meta:
        ordering = ("role", "file_name")
        constraints = (
            _matches("releasefile", "sha256", codes.SHA256),
            models.UniqueConstraint(
                fields=("release", "role", "sha256"), name="releasefile_named_once_per_release"
            ),
        )

    def __str__(self) -> str:
        """The file's name."""
        return self.file_name


class NeighbourhoodQuerySet(models.QuerySet["Neighbourhood"]):
    """Neighbourhoods, and those on today's list."""

    def listed(self) -> Self:
        """Those that the current release lists; the only ones that lists, rankings and the sitemap show."""
        return self.filter(release__state=Release.State.CURRENT)

    def with_areas(self) -> Self:
        """The same, with authority and region fetched along."""
        return self.select_related("authority__region")

    def with_particulars(self) -> Self:
        """The same, with all else that a row of its own says: see ``profiles.particulars``."""
        outcome = WardOutcome.objects.filter(release=OuterRef("release"), ward_code=OuterRef("code"))
        return (
            self.select_related("authority__region", "authority_2017", "release")
            .annotate(
                predicted=Subquery(outcome.values("predicted")[:1]),
                first_list=Subquery(outcome.values("first_list")[:1]),
            )
            .defer("release__report", "release__grid")
        )

    def with_outlines(self) -> Self:
        """The same, with what a page draws: outlines of ward, authority, country, and the grid of wards."""

        def outline(code: OuterRef | Value) -> Subquery:
            return Subquery(Boundary.objects.filter(code=code).values("geometry")[:1])

        return self.annotate(
            ward_outline=outline(OuterRef("code")),
            authority_outline=outline(OuterRef("authority")),
            country_outline=outline(Value(codes.ENGLAND)),
            # As text, which is read once for all pages: see ``charts.cells_of``.
            grid=Cast("release__grid", models.TextField()),
        )


class Neighbourhood(models.Model):
    """An electoral ward of December 2017 that is, or was, on the list of 'left behind' neighbourhoods."""

    code = _code(codes.WARD, "ONS ward code, December 2017")
    name = models.CharField(max_length=100)
    authority = models.ForeignKey(
        LocalAuthority,
        on_delete=models.PROTECT,
        related_name="neighbourhoods",
        help_text="The local authority of April 2019.",
    )
    authority_2017 = models.ForeignKey(
        LocalAuthority,
        on_delete=models.PROTECT,
        related_name="neighbourhoods_of_2017",
        help_text="The local authority of December 2017, which the ward belonged to when it was listed.",
    )
    longitude = models.DecimalField(max_digits=8, decimal_places=5, help_text="Degrees, WGS 84.")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, help_text="Degrees, WGS 84.")
    ward_in_2019 = models.BooleanField(
        null=True,
        blank=True,
        help_text="Whether the ward's code was still in use in December 2019; empty where it is not known.",
    )
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        related_name="neighbourhoods",
        help_text="The latest release that lists it.",
    )
    constituencies: models.ManyToManyField[Constituency, ConstituencyShare] = models.ManyToManyField(
        Constituency, through="ConstituencyShare", related_name="neighbourhoods"
    )

    objects = NeighbourhoodQuerySet.as_manager()

    class Meta:
        ordering = ("name", "code")
        constraints = (
            _matches("neighbourhood", "code", codes.WARD),
            models.CheckConstraint(
                condition=Q(longitude__range=(-7, 2), latitude__range=(49, 56)),
                name="neighbourhood_in_england",
            ),
        )

    def __str__(self) -> str:
        """Its name and authority, since names repeat."""
        return f"{self.name}, {self.authority}"

    def get_absolute_url(self) -> str:
        """The neighbourhood's page."""
        return path_to("neighbourhoods:detail", self.code, self.slug)

    @cached_property
    def slug(self) -> str:
        """The ward's name in an address."""
        return slugify(self.name)


class ConstituencyShare(models.Model):
    """A constituency that a neighbourhood lies in, and how much of it.

    Ten of the 225 lie in two or three constituencies drawn in 2010, 46 touch more than one of 2024.
    """

    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, related_name="constituency_shares"
    )
    constituency = models.ForeignKey(Constituency, on_delete=models.PROTECT, related_name="shares")
    share = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Share of the ward's live postcodes, 0 to 1; empty where it is not known.",
    )
    main = models.BooleanField(help_text="Whether it holds the largest part of the ward.")

    class Meta:
        ordering = ("neighbourhood", "-main", "-share", "constituency")
        constraints = (
            models.UniqueConstraint(fields=("neighbourhood", "constituency"), name="constituencyshare_once"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=1),
                name="constituencyshare_is_a_share",
            ),
        )

    def __str__(self) -> str:
        """The pair of codes."""
        return f"{self.neighbourhood_id} in {self.constituency_id}"


class Figure(models.Model):
    """A neighbourhood's value and rank on one measure in one release.

    A figure that the files do not hold is a row without value, category and rank: "no data", never 0.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="figures")
    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="figures")
    measure = models.CharField(max_length=40, choices=measures.labels)
    value = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    category = models.CharField(max_length=100, blank=True)
    rank = models.PositiveIntegerField(
        null=True, blank=True, help_text="Among all wards; 1 is the greatest need."
    )
    joint = models.BooleanField(default=False, help_text="Whether another ward has the same rank.")
    out_of = models.PositiveIntegerField(null=True, blank=True, help_text="How many wards are ranked.")
    place = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Among the listed neighbourhoods; 1 is the greatest need, or of a count the largest.",
    )
    joint_place = models.BooleanField(default=False)

    class Meta:
        ordering = ("release", "measure", "place", "neighbourhood")
        indexes = (models.Index(fields=("release", "measure", "place"), name="figure_in_order"),)
        constraints = (
            models.UniqueConstraint(fields=("release", "neighbourhood", "measure"), name="figure_once"),
            models.CheckConstraint(
                condition=Q(rank__isnull=True, out_of__isnull=True, joint=False)
                | Q(rank__isnull=False, out_of__isnull=False, rank__gte=1, rank__lte=F("out_of")),
                name="figure_rank_within_its_total",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True, joint_place=False) | Q(place__isnull=False, place__gte=1),
                name="figure_place_from_one",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0), name="figure_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(category="") | Q(value__isnull=True), name="figure_value_or_category"
            ),
        )

    def __str__(self) -> str:
        """The figure's coordinates."""
        return f"{self.measure} of {self.neighbourhood_id}"


class Reference(models.Model):
    """What a measure looks like across all wards and across the listed neighbourhoods, in one release."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="references")
    measure = models.CharField(max_length=40)
    wards = models.PositiveIntegerField(help_text="Wards of England with data, which the median rests on.")
    median = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="Of all wards with data."
    )
    listed = models.PositiveIntegerField(help_text="Listed neighbourhoods with data.")
    listed_median = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    listed_median_rank = models.DecimalField(max_digits=7, decimal_places=1, null=True, blank=True)
    tenth_rank = models.PositiveIntegerField(
        null=True, blank=True, help_text="The last rank within the most deprived tenth of wards."
    )
    tenth_value = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="The value at that rank."
    )

    class Meta:
        ordering = ("release", "measure")
        constraints = (models.UniqueConstraint(fields=("release", "measure"), name="reference_once"),)

    def __str__(self) -> str:
        """The measure's key."""
        return self.measure


class SimilarProfile(models.Model):
    """One of the listed neighbourhoods whose profile is most like another's (see ``similarity``)."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="similar_profiles")
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, related_name="similar_profiles"
    )
    position = models.PositiveSmallIntegerField(help_text="1 is the most similar.")
    other = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="+")
    distance = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        help_text="Of the two in the domains, on average, in per cent of the way from first to last rank.",
    )
    domains = models.PositiveSmallIntegerField(help_text="Domains in which both have a rank.")

    class Meta:
        ordering = ("release", "neighbourhood", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("release", "neighbourhood", "position"), name="similarprofile_once"
            ),
            models.CheckConstraint(
                condition=~Q(other=F("neighbourhood")), name="similarprofile_of_two_neighbourhoods"
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="similarprofile_position_from_one"),
        )

    def __str__(self) -> str:
        """The pair of codes."""
        return f"{self.other_id} is like {self.neighbourhood_id}"


class WardOutcome(models.Model):
    """What the two published lists and the recomputed rule each say of a ward that any of them names."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="outcomes")
    ward_code = models.CharField(max_length=9)
    ward_name = models.CharField(max_length=100)
    authority_name = models.CharField(max_length=100)
    flagged = models.BooleanField(help_text="On the published list.")
    predicted = models.BooleanField(help_text="Within the most deprived tenth on both, as recomputed.")
    first_list = models.BooleanField(
        null=True, blank=True, help_text="On the first list, of September 2019; empty where it is not known."
    )
    imd_score = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="Average IMD score, as recomputed."
    )
    imd_rank = models.PositiveIntegerField(null=True, blank=True)
    cni_rank = models.PositiveIntegerField(
        null=True, blank=True, help_text="Given for wards on the published list only."
    )

    class Meta:
        ordering = ("release", "ward_code")
        constraints = (
            _matches("wardoutcome", "ward_code", codes.WARD),
            models.UniqueConstraint(fields=("release", "ward_code"), name="wardoutcome_once"),
            models.CheckConstraint(
                condition=Q(flagged=True) | Q(cni_rank__isnull=True),
                name="wardoutcome_no_rank_of_unlisted_wards",
            ),
            models.CheckConstraint(
                condition=Q(flagged=True)
                | Q(predicted=True)
                # Where it is not known, the condition must be false, not unknown.
                | Q(first_list__isnull=False, first_list=True),
                name="wardoutcome_named_by_one_at_least",
            ),
        )

    def __str__(self) -> str:
        """The ward's name and authority."""
        return f"{self.ward_name}, {self.authority_name}"


class Threshold(models.Model):
    """How many wards the recomputed rule would name if another part of them than a tenth counted."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="thresholds")
    percent = models.PositiveSmallIntegerField(help_text="Of the wards that count as the most deprived.")
    cni_rank = models.PositiveIntegerField(help_text="The last rank of community need within it.")
    imd_rank = models.PositiveIntegerField(help_text="The last rank of deprivation within it.")
    wards = models.PositiveIntegerField(help_text="Within it on both, as recomputed.")
    listed = models.PositiveIntegerField(help_text="Of these, on the published list.")

    class Meta:
        ordering = ("release", "percent")
        constraints = (
            models.UniqueConstraint(fields=("release", "percent"), name="threshold_once"),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 100), listed__lte=F("wards")), name="threshold_possible"
            ),
        )

    def __str__(self) -> str:
        """The threshold."""
        return f"{self.percent}%"


class Boundary(models.Model):
    """The simplified outline of an area; in a table of its own, so that no list of areas drags it along."""

    code = models.CharField(primary_key=True, max_length=9)
    geometry = models.TextField(help_text="A GeoJSON geometry, WGS 84, longitude first.")

    class Meta:
        verbose_name_plural = "boundaries"
        constraints = (_matches("boundary", "code", r"^E\d{8}$"),)

    def __str__(self) -> str:
        """The area's code."""
        return self.code


class Postcode(models.Model):
    """A live postcode whose best-fit ward is one of the listed neighbourhoods."""

    postcode = models.CharField(primary_key=True, max_length=8)
    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="postcodes")

    class Meta:
        ordering = ("postcode",)
        constraints = (_matches("postcode", "postcode", codes.POSTCODE),)

    def __str__(self) -> str:
        """The postcode."""
        return self.postcode
