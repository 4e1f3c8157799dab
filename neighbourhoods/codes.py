"""The shapes of the official codes: one pattern each, shared by readers, addresses and constraints.

Source: the Register of Geographic Codes of the Office for National Statistics, which gives each kind
of area a nine-character code: a three-character entity code and six digits.
"""

import re
from typing import Final

WARD: Final = r"^E05\d{6}$"
"""An English electoral ward."""

LSOA: Final = r"^E01\d{6}$"
"""An English lower-layer super output area."""

AUTHORITY: Final = r"^E0[6789]\d{6}$"
"""An English unitary authority, non-metropolitan district, metropolitan district or London borough."""

REGION: Final = r"^E12\d{6}$"
"""An English region."""

ENGLAND: Final = "E92000001"
"""England itself."""

CONSTITUENCY: Final = r"^E14\d{6}$"
"""An English constituency of the United Kingdom Parliament."""

POSTCODE: Final = r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$"
"""A postcode in the spelling of Royal Mail: outward part, one space, inward part."""

SHA256: Final = r"^[0-9a-f]{64}$"
"""A SHA-256 checksum in lower-case hexadecimal."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text has a code's shape, in ASCII digits alone: others would not be found anyway."""
    return re.fullmatch(pattern, text, re.ASCII) is not None
