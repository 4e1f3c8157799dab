"""The second factor: a code from a phone (TOTP), or one of the backup codes, each of which is good once."""

from __future__ import annotations

from base64 import b32encode
from binascii import unhexlify
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django_otp import devices_for_user, user_has_device, verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from leftbehind_site.common.editors import is_verified

CODES: Final = 10
"""Backup codes that are made at a time."""

LENGTH: Final = 16
"""Characters that a code may have, spaces included; longer is none."""

_DIGITS: Final = 6


def is_set_up(user: Any) -> bool:
    """Whether the account has a second factor."""
    return bool(user_has_device(user))


def has_to_set_up(user: Any) -> bool:
    """Whether the account has none although nobody may edit without one."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and not is_verified(user) and not is_set_up(user)


def is_satisfied(user: Any) -> bool:
    """Whether the visitor has proved all that the account can be asked for."""
    return is_verified(user) or not is_set_up(user)


def verify(user: Any, token: str) -> Any:
    """The device that a code is of; nothing if it is wrong, was used before, or came too soon after one."""
    given = "".join(token.split()).replace("-", "").lower()
    if not given:
        return None
    kind = TOTPDevice if len(given) == _DIGITS else StaticDevice
    for device in kind.objects.devices_for_user(user, confirmed=True):
        if found := verify_token(user, device.persistent_id, given):
            return found
    return None


def new_key() -> str:
    """A secret for a phone, as the library keeps it."""
    return str(default_key())


def in_groups(key: str) -> str:
    """The secret as a person types it into a phone: capitals and digits in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def picture(user: Any, key: str) -> str:
    """The secret as an SVG picture that a phone reads."""
    import qrcode  # noqa: PLC0415  (needed on one page)
    from qrcode.image.svg import SvgPathFillImage  # noqa: PLC0415

    url = TOTPDevice(user=user, key=key).config_url
    return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))


@transaction.atomic
def set_up(user: Any, key: str, token: str) -> TOTPDevice | None:
    """Make the phone the account's second factor, if a code proves that it has the secret.

    Returns:
        The device; nothing if the code is wrong, and nothing has changed.
    """
    reset(user)
    device = TOTPDevice.objects.create(user=user, name="Phone", key=key, confirmed=True)
    if device.verify_token("".join(token.split())):
        return device
    transaction.set_rollback(True)
    return None


@transaction.atomic
def make_codes(user: Any) -> list[str]:
    """New backup codes; older ones are no longer good."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Backup codes", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def codes_left(user: Any) -> int:
    """How many backup codes the account has."""
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def reset(user: Any) -> bool:
    """Take the second factor off an account, and say whether it had one."""
    found = list(devices_for_user(user, confirmed=None))
    for device in found:
        device.delete()
    return bool(found)
