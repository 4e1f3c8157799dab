"""Filters that the plain templates print figures with."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import floatformat

from neighbourhoods import wording
from neighbourhoods.measures import Unit
from tests.bench.plain.views import Row

register = template.Library()


@register.filter
def nth(number: int | None) -> str:
    """A position as an ordinal: 1,121st."""
    if number is None:
        return "no data"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{intcomma(number)}{ending}"


@register.filter
def value_of(row: Row, value: Decimal | None) -> str:
    """A value in its unit."""
    if value is None:
        return "no data"
    sign = "%" if row.measure.unit is Unit.PERCENT else ""
    return f"{floatformat(value, f'{row.measure.decimals}g')}{sign}"


@register.filter
def sentence(row: Row, name: str) -> str:
    """The figure as a sentence; how it is worded is the site's, on this page as on that."""
    facts = wording.Facts(
        value=row.figure.value,
        category=row.figure.category,
        rank=row.figure.rank,
        joint=row.figure.joint,
        out_of=row.figure.out_of,
        place=row.figure.place,
        joint_place=row.figure.joint_place,
        places=row.reference.listed,
        lsoas=row.lsoas,
    )
    return wording.sentence(row.measure, name, facts)


@register.filter
def prose(name: str) -> str:
    """An authority's name without what official lists put behind a comma."""
    return re.sub(r", (City|County) of$", "", name)


@register.filter
def along(rank: Any, out_of: int) -> str:
    """How far from the greatest need a rank stands, in per cent."""
    return f"{100 * (float(rank) - 1) / max(out_of - 1, 1):.2f}"


@register.filter
def whole(part: Decimal) -> str:
    """A share of 0 to 1 in words."""
    return wording.share(part)


@register.filter
def region_in(name: str) -> str:
    """A region's name after "in"."""
    return wording.region(name)
