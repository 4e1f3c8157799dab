"""Numbers in templates, printed as everywhere else."""

from __future__ import annotations

from django import template

from neighbourhoods import wording

register = template.Library()


@register.filter
def printed(number: int) -> str:
    """A count with its thousands separated; see ``wording.number``."""
    return wording.number(number)
