"""Who an editor is: by password and, where it is set up, a code; one answer and one work for all failures."""

from __future__ import annotations

from typing import Any

from axes.backends import AxesBackend, AxesStandaloneBackend
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from leftbehind_site.desk import second_factor
from leftbehind_site.desk.locks import address_locked


class DeskBackend(AxesBackend):  # type: ignore[misc]  # (a library without types)
    """Django's backend, for members of the staff alone, behind the locks."""

    @sensitive_variables("password", "token")
    def authenticate(
        self,
        request: HttpRequest,
        username: str | None = None,
        password: str | None = None,
        token: str = "",
        **_kwargs: Any,
    ) -> User | None:
        """The account, if the password is right, and the code where one is asked for.

        Whether an account is unknown, locked or not active, or which part was wrong, can be told neither by
        the answer nor by the time it takes: a password is hashed once in any case.

        Args:
            request: In which it is asked.
            username: The account's name.
            password: As it was typed.
            token: The code from the phone, or a backup code.

        Raises:
            PermissionDenied: If the account or the address is locked out.
        """
        try:
            AxesStandaloneBackend.authenticate(self, request, username=username, password=password)
        except PermissionDenied:
            request.desk_refused = "locked out"  # type: ignore[attr-defined]
            if not address_locked(request):
                # The work that a wrong password would have made. A locked address learns of no account.
                User().set_password(password)
            raise
        user: Any = ModelBackend.authenticate(self, request, username=username, password=password)
        if user is None or not user.is_staff:
            return None
        if second_factor.is_set_up(user):
            user.otp_device = second_factor.verify(user, token)
            if user.otp_device is None:
                request.desk_refused = "code"  # type: ignore[attr-defined]
                return None
        return user  # type: ignore[no-any-return]
