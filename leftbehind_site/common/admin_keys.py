"""Keys in the editing desk that are none: in an address, in a field that names other things.

Django's admin asks the database for what was sent, and a number cannot be asked for with a word, nor with
more digits than a number of the database has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.http import Http404, HttpRequest

if TYPE_CHECKING:

    class _Widget(AutocompleteSelect):
        """What is used of Django's widgets."""

    class _Admin:
        """What is used of Django's and the history library's classes."""

        model: type[models.Model]
        admin_site: Any
        autocomplete_fields: ClassVar[Any]

        def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
            """The field of a form."""

        def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
            """The field of a form."""

        def response_action(self, request: HttpRequest, queryset: Any) -> Any:
            """The answer to what is to be done with several rows."""

        def get_changelist_instance(self, request: HttpRequest) -> Any:
            """The list, as the address asks for it."""

    _Choices = forms.ModelMultipleChoiceField[Any]
else:
    _Widget = _Admin = object
    _Choices = forms.ModelMultipleChoiceField


def is_key(model: type[models.Model], text: object) -> bool:
    """Whether a model's rows could have such a key."""
    key = model._meta.pk
    try:
        key.run_validators(key.to_python(text))
    except ValidationError:
        return False
    return True


class _ShowsKeys(_Widget):
    """Shows what was chosen, as far as it could have been: the form says of the rest that it is no choice."""

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> Any:
        """The chosen ones."""
        model: Any = self.choices.queryset.model
        return super().optgroups(name, [one for one in value if is_key(model, one)], attrs)


class _One(_ShowsKeys, AutocompleteSelect):
    """One of many."""


class _Some(_ShowsKeys, AutocompleteSelectMultiple):
    """Some of many."""


class _SomeField(_Choices):
    """Several other things, each by a key that can be one."""

    def clean(self, value: Any) -> Any:
        """The things; what can be no key is said to be none, as Django says it of a word."""
        choices: Any = self.queryset
        for one in value if isinstance(value, list | tuple) else ():
            if not is_key(choices.model, one):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": one}
                )
        return super().clean(value)


class KeysAlone(_Admin):
    """An admin of which nobody can ask for what is no key."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field for one other thing."""
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", _One(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field for several other things."""
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", _Some(db_field, self.admin_site))
        kwargs.setdefault("form_class", _SomeField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """Do something with the rows that were ticked, if rows are what was ticked."""
        if not all(is_key(self.model, one) for one in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("no row has such a key")
        return super().response_action(request, queryset)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list; one that an address limits to a number too large is answered as one limited to a word."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters from error


class KeysAloneInHistory(KeysAlone):
    """The same, with addresses of versions."""

    def require_key(self, text: str) -> None:
        """Answer 404 where an address holds what can be no row's key."""
        if not is_key(self.model, unquote(text)):
            raise Http404("no row has such a key")

    def require_version(self, text: str, version: str) -> None:
        """The same of an address that holds a version's key, too."""
        self.require_key(text)
        history: Any = self.model
        if not is_key(history.history.model, version):
            raise Http404("no version has such a key")
