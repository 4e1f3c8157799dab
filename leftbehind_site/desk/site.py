"""The admin with the editing desk's entrance: the second factor, and sessions that end soon."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any, Final

import django_otp
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters

from leftbehind_site.desk import log, second_factor
from leftbehind_site.desk.forms import LogInForm, ProofForm, SetUpForm

_KEY: Final = "second_factor_key"
"""Where the session keeps the secret that a phone is just being given."""


class DeskSite(AdminSite):
    """Django's admin site, entered with a second factor by whoever has one or has to have one."""

    login_form = LogInForm
    login_template = "admin/desk/log_in.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the visitor is an editor, proved by the second factor if the account has one."""
        if not super().has_permission(request):
            return False
        # Asked several times for each page, answered once.
        known: dict[str, Any] = request.__dict__
        if "second_factor_satisfied" not in known:
            known["second_factor_satisfied"] = second_factor.is_satisfied(request.user)
        return bool(known["second_factor_satisfied"])

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of the desk: leads to the second factor who has to set one up, and renews the session."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if self.has_permission(request):
                # Saved with this request, so that it ends an hour after the last one.
                request.session.modified = True
                if second_factor.has_to_set_up(request.user) and request.path not in self._always():
                    return HttpResponseRedirect(reverse("admin:second_factor", current_app=self.name))
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def _always(self) -> tuple[str, ...]:
        """What can be used before a second factor is set up."""
        names = ("second_factor", "logout", "jsi18n")
        return tuple(reverse(f"admin:{name}", current_app=self.name) for name in names)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log in; sessions that ended by themselves are deleted then."""
        answer = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            request.session.clear_expired()
        return answer

    def get_urls(self) -> list[Any]:
        """The admin's own addresses, and that of the second factor."""
        view = self.admin_view(sensitive_post_parameters("password", "token")(self.second_factor))
        return [path("second-factor/", view, name="second_factor"), *super().get_urls()]

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Set the second factor up; or make new backup codes, or take it off, proved by what there is."""
        if second_factor.is_set_up(request.user):
            return self._change(request)
        return self._set_up(request)

    def _set_up(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        key = request.session.setdefault(_KEY, second_factor.new_key())
        form = SetUpForm(request.POST or None, request=request, key=key)
        if request.method == "POST" and form.is_valid():
            del request.session[_KEY]
            # This session has just proved it; all others of the account have to log in again.
            django_otp.login(request, form.device)
            codes = second_factor.make_codes(user)
            log.tell("second factor set up", request)
            return self._page(request, "codes", "Your backup codes", codes=codes)
        return self._page(
            request,
            "set_up",
            "Set up your second factor",
            form=form,
            required=second_factor.has_to_set_up(user),
            secret=second_factor.in_groups(key),
            picture=mark_safe(second_factor.picture(user, key)),  # noqa: S308  (made here, of a name and a key)
        )

    def _change(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        form = ProofForm(request.POST or None, request=request)
        if request.method == "POST" and form.is_valid():
            if "_remove" in request.POST:
                second_factor.reset(user)
                log.tell("second factor removed", request)
                messages.success(request, "Your second factor is off. Set up the next one here.")
                return HttpResponseRedirect(request.path)
            codes = second_factor.make_codes(user)
            log.tell("backup codes made", request)
            return self._page(request, "codes", "Your new backup codes", codes=codes)
        left = second_factor.codes_left(user)
        return self._page(request, "change", "Your second factor", form=form, left=left)

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        request.current_app = self.name
        everywhere = {**self.each_context(request), "title": title, **context}
        return TemplateResponse(request, f"admin/desk/{name}.html", everywhere)
