"""The forms at the entrance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from leftbehind_site.desk import second_factor

WRONG = (
    "That did not work. Check the user name, the password and the code: capital and small letters differ, and"
    " a code is good only once. If it was the code, wait for the next one."
)
"""Said of every failure, whichever part was wrong."""


def _code(help_text: str, *, label: str = "Code", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=second_factor.LENGTH,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class LogInForm(AdminAuthenticationForm):
    """Name, password and code at once, so that no answer tells which of them was right."""

    token = _code(
        "From your phone, or a backup code. Leave it empty if you have not set this up yet.", required=False
    )
    error_messages = {"invalid_login": WRONG, "inactive": WRONG}  # noqa: RUF012  (as Django's own)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Ask whether it is they."""
        given = self.cleaned_data
        if not self.errors:
            user = authenticate(
                self.request,
                username=given["username"],
                password=given["password"],
                token=given.get("token", ""),
            )
            if user is None:
                raise self.get_invalid_login_error()
            self.user_cache = user
        return given


class ProofForm(forms.Form):
    """What is asked of an editor before the second factor is changed, and counted like a log-in."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    token = _code("From your phone, or a backup code.")

    def __init__(self, data: Any = None, *, request: Any) -> None:
        super().__init__(data)
        self.request = request

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Ask whether it is they."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors and not self.is_proved(given):
            raise ValidationError(WRONG)
        return given

    def is_proved(self, given: dict[str, Any]) -> bool:
        """Whether password and code are right."""
        return self._asked(given["password"], given["token"]) is not None

    def _asked(self, password: str, token: str) -> Any:
        return authenticate(
            self.request, username=self.request.user.get_username(), password=password, token=token
        )


class SetUpForm(ProofForm):
    """The password, and a code that proves that the phone has the secret."""

    token = _code("Six digits.", label="Code that the phone shows")

    def __init__(self, data: Any = None, *, request: Any, key: str) -> None:
        super().__init__(data, request=request)
        self.key = key

    def is_proved(self, given: dict[str, Any]) -> bool:
        """Whether the password is right, and the code; then the second factor is set up."""
        if self._asked(given["password"], "") is None:
            return False
        self.device = second_factor.set_up(self.request.user, self.key, given["token"])
        return self.device is not None
