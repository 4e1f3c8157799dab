"""The forms of the editing desk: what a change has to say besides its values.

A form that is sent for a preview is asked for nothing but values: nothing of it is kept.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cached_property
from typing import Any, Final

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.utils.html import format_html

from appg import editing
from appg.fields import RichTextField
from appg.html import clean
from appg.models import Item, State, Upload
from appg.records import latest_version

PREVIEW_BUTTON: Final = "_preview"
"""The button that shows what is in the form without keeping it."""

CORRECTION_FIELDS: Final = ("is_correction", "correction")

DELETED: Final = (
    "Somebody has deleted this since you opened it, so it cannot be saved. What you wrote still stands here:"
    " copy it into a new one if it is needed."
)

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)


class WhyForm(forms.Form):
    """What is asked of whoever changes something that others rely on."""

    why = forms.CharField(
        label="Why this change",
        required=False,
        max_length=500,
        widget=AdminTextInputWidget,
        help_text="For the history, which editors see. Example: The minutes give 22 September, not 21.",
    )
    is_correction = forms.BooleanField(
        label="This is a public correction",
        required=False,
        help_text="Tick it when something that readers may have relied on was wrong. A typing error is none.",
    )
    correction = forms.CharField(
        label="What the public is told",
        required=False,
        max_length=2000,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text="Say what was wrong and what is right. It appears on the page and under Corrections, and"
        " stays. Example: The page gave 21 September 2020 as the date. The session was on 22 September.",
    )
    confirm_address = forms.BooleanField(
        label="Yes, change the address", required=False, widget=forms.HiddenInput
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def offer_correction(self, *, offered: bool) -> None:
        """Leave the questions about a correction out, unless one may be published."""
        if not offered:
            for name in CORRECTION_FIELDS:
                del self.fields[name]

    def check_why(self, *, needed: bool, about: str) -> None:
        """Ask for the reason, and for a correction's text where it is one."""
        given = self.cleaned_data
        if needed and not (given.get("why") or "").strip() and "why" not in self.errors:
            self.add_error("why", f"Say in a few words why you change {about}.")
        text = (given.get("correction") or "").strip()
        if given.get("is_correction") and not text and "correction" not in self.errors:
            self.add_error("correction", "Say to the public what was wrong and what is right.")
        if text and not given.get("is_correction"):
            self.add_error("is_correction", "Tick this to publish your text as a correction, or empty it.")

    def check_address(self, before: Item | None, after: Item) -> None:
        """Show what a new address means and ask whether it is wanted; refuse one that leads elsewhere."""
        moved = editing.address_change(before, after)
        if moved is not None and not self.cleaned_data.get("confirm_address"):
            old, new = moved
            self.fields["confirm_address"].widget = forms.CheckboxInput()
            follows = (
                "links to it will open the page at its top"
                if "#" in old
                else "the old one will lead to the new one by itself"
            )
            self.add_error(
                "confirm_address",
                f"This changes the public address from {old} to {new}; {follows}."
                " Tick the box and save again if you want that. If not, put the old address back.",
            )
        taken = editing.address_taken(after)
        if taken:
            message = f"The address {editing.address_of(after)} is taken: {taken}. Choose another one."
            self.add_error("slug" if "slug" in self.fields else None, message)

    def check_version(self, item: Any, history_url: str) -> None:
        """Stop an editor who would save over what somebody else has saved in the meantime.

        The form keeps what was written, and saving it once more is saving it knowingly.

        Args:
            item: As it stands, locked.
            history_url: Where its versions are.
        """
        seen, latest = self.data.get(self.add_prefix("version"), ""), latest_version(item)
        if seen == latest or not latest:
            # What has no version yet has been changed by nobody, whatever the form says.
            return
        entries = type(item).history.filter(**{item._meta.pk.attname: item.pk})
        last = entries.filter(history_id=latest).first()
        opened = entries.filter(history_id=seen).first() if seen.isdecimal() else None
        changed = ", ".join(found.label for found in editing.differences(last, opened)) if opened else ""
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix("version")] = latest  # type: ignore[index]
        who = last.editor_name or "Somebody"
        self.add_error(
            None,
            format_html(
                "{} changed this on {}, after you opened it{}. Yours is not saved yet. Look at the change in"
                ' the <a href="{}" target="_blank">history (opens a new tab)</a>; if you save again, what'
                " stands here now replaces it. Nothing is lost: the history keeps both.{}",
                who,
                editing.moment(last.history_date),
                f" ({changed})" if changed else "",
                history_url,
                render_to_string(
                    "admin/appg/both_versions.html",
                    {"who": who, "differences": editing.both_versions(type(item), item, self.cleaned_data)},
                ),
            ),
        )


class ChangeForm(forms.ModelForm, WhyForm):  # type: ignore[type-arg]
    """Any versioned thing: its values, why they change, and on which version the editor worked."""

    history_url = ""
    """Set by the admin for the thing that is edited."""

    about = "this"
    """What the editor is asked to give a reason for changing."""

    correctable = False
    """Set by the admin: whether the public sees the thing, and the editor may publish corrections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_correction(offered=self.correctable)
        self.stored: Any = None
        if not self.instance._state.adding:  # noqa: SLF001  (Django's documented way)
            self.stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
            self.fields["version"].initial = latest_version(self.instance)

    @cached_property
    def changed_data(self) -> list[str]:
        """The values that differ from those stored; the spelling of a text's HTML does not matter."""
        changed = []
        for name in super().changed_data:
            if name in WhyForm.base_fields:
                continue
            rich = isinstance(self._meta.model._meta.get_field(name), RichTextField)
            if rich and self.stored and clean(str(self[name].data or "")) == getattr(self.stored, name):
                continue
            changed.append(name)
        return changed

    @property
    def is_preview(self) -> bool:
        """Whether the form was sent only to be looked at."""
        return PREVIEW_BUTTON in self.data

    @property
    def reason_needed(self) -> bool:
        """Whether others rely on what is changed."""
        return self.stored is not None

    def clean(self) -> dict[str, Any] | None:
        """Ask for the reason; see that nobody else's change is overwritten unseen."""
        super().clean()
        self.check_values()
        if not self.is_preview:
            if self.stored is not None:
                # Whoever saves at the same moment waits here, and is then told.
                found = type(self.stored)._default_manager.select_for_update().filter(pk=self.stored.pk)
                standing = found.first()
                if standing is None:
                    self.add_error(None, DELETED)
                    return self.cleaned_data
                self.check_version(standing, self.history_url)
            self.check_why(needed=self.reason_needed, about=self.about)
            self.check_move()
        return self.cleaned_data

    def check_values(self) -> None:
        """Check values against each other."""

    def check_move(self) -> None:
        """Check what becomes of the address."""

    @property
    def reason(self) -> str:
        """The reason that the history shows."""
        return str(self.cleaned_data.get("why") or "").strip()


_STATES: Final = {
    State.DRAFT: "Draft: only editors see it",
    State.PUBLISHED: "Published: the public sees it, now or from the time below",
    State.WITHDRAWN: "Withdrawn: its page stays, with your reason instead of the text",
}


class ItemForm(ChangeForm):
    """An item of the record: its state, its address, and what the public is told of a change."""

    about = "what the public sees"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "state" in self.fields:
            public = self.stored is not None and self.stored.is_public
            left_out = State.DRAFT if public else State.WITHDRAWN
            choices = [(str(state), label) for state, label in _STATES.items() if state != left_out]
            self.fields["state"].choices = choices  # type: ignore[attr-defined]
        if "withdrawn_reason" in self.fields:
            self.fields["withdrawn_reason"].widget.attrs["rows"] = 3
        if "publish_at" in self.fields:
            parts: Any = self.fields["publish_at"].widget
            for part, name in zip(parts.widgets, ("date", "time"), strict=True):
                part.attrs["aria-label"] = f"Public from: {name}"
        for name, label in editing.LABELS.items():
            if name in self.fields:
                self.fields[name].label = label[0].upper() + label[1:]

    @property
    def reason_needed(self) -> bool:
        """Whether the public sees the item."""
        return self.stored is not None and bool(self.stored.is_public)

    def check_values(self) -> None:
        """Hold the rules that keep what is public public, and say in words what is missing."""
        self._check_images()
        given = self.cleaned_data
        same = "publish_at" not in self.changed_data
        if self.stored is not None and (same or (self.reason_needed and not given.get("publish_at"))):
            # The form knows no fractions of a second, and a public item has been public since then.
            given["publish_at"] = self.stored.publish_at
        reason = (given.get("withdrawn_reason") or "").strip()
        if given.get("state") == State.PUBLISHED and self.stored is not None and self.stored.is_withdrawn:
            given["withdrawn_reason"] = ""
        elif reason and given.get("state") != State.WITHDRAWN and "state" in given:
            self.add_error("withdrawn_reason", "Choose Withdrawn above, or empty this.")
        try:
            editing.check_state(self.stored, self._after())
        except ValidationError as error:
            self.add_error(None, error)

    def check_move(self) -> None:
        """Ask whether a new address is wanted."""
        if "slug" in self.cleaned_data:
            self.check_address(self.stored, self._after())

    def _after(self) -> Item:
        """The item as it would be saved, as far as its state and address go."""
        after: Item = copy(self.instance)
        for name in ("state", "publish_at", *after.address_fields):
            if name in self.cleaned_data:
                setattr(after, name, self.cleaned_data[name])
        after.date_publishing()
        return after

    def _check_images(self) -> None:
        """Say that an image lacks its words, rather than drop it without a word."""
        for name, value in list(self.cleaned_data.items()):
            if not isinstance(value, str) or "<img" not in value.lower():
                continue
            if len(_IMAGE.findall(clean(value))) < len(_IMAGE.findall(value)):
                self.add_error(
                    name,
                    "Every image needs an alternative text that says what it shows, and an address that"
                    " begins with / or https://. Click on the image in the text, then on the image button.",
                )

    @property
    def reason(self) -> str:
        """The editor's reason, or what was done where none had to be given."""
        given = super().reason
        if given or self.stored is None or "state" not in self.cleaned_data:
            return given
        if self.stored.state_in_words == self.instance.state_in_words:
            return given
        return str(self.instance.state_in_words)


class UndoForm(WhyForm):
    """What is asked of whoever brings an earlier version back."""

    def __init__(
        self, *args: Any, standing: Any, item: Any, history_url: str, correctable: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.standing, self.item, self.history_url = standing, item, history_url
        self.fields["version"].initial = latest_version(item)
        self.offer_correction(offered=correctable)

    def clean(self) -> dict[str, Any]:
        """Ask what an ordinary change is asked for."""
        super().clean()
        self.check_version(self.item, self.history_url)
        self.check_why(needed=True, about="this back")
        if isinstance(self.item, Item):
            self.check_address(self.standing, self.item)
        return self.cleaned_data


class UploadForm(ChangeForm):
    """A document or an image: proved to be one before it is kept."""

    about = "what the public may have"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            # However long its name is: it is kept under another one.
            self.fields["file"].max_length = None  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Look into a new file; what is kept may be cleaner than what was sent."""
        given = self.cleaned_data["file"]
        from appg import inspection  # noqa: PLC0415  (its libraries are needed for uploads alone)

        if given.size > inspection.MOST_BYTES["document"]:
            raise ValidationError(inspection.too_large(given.size, "document"))
        found = inspection.inspect(given.name, given.read())
        same = Upload.objects.filter(sha256=found.sha256).first()
        if same is not None:
            raise ValidationError(
                f"This file is here already: “{same.title}”, at {editing.address_of(same)}. Use that one."
            )
        for name in ("name", "media_type", "pages", "width", "height", "sha256"):
            setattr(self.instance, name, getattr(found, name))
        self.instance.size = len(found.data)
        return ContentFile(found.data, found.name)

    def check_values(self) -> None:
        """An image needs its words."""
        if self.instance.is_image and not (self.cleaned_data.get("alternative_text") or "").strip():
            self.add_error(
                "alternative_text",
                "Say what the image shows, as you would to somebody on the telephone. Example: Twelve people"
                " around a table in a community hall in Grimsby.",
            )
