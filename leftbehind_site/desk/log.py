"""What happens at the editing desk, a line for each event, so that it can be shipped and kept elsewhere.

The logger is ``leftbehind.desk``. Each record has, besides its message, the attributes ``event``, ``account``
(who did it), ``address`` (from where), ``object`` (to what) and ``outcome``. No password, no code and no text
of the record is ever in it, and of a failed log-in only the name of an account that there is: people type
passwords where the name belongs.

What is written to the database is told when it is committed, and so never if it is not.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from axes.signals import user_locked_out
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record

from appg.editing import undone
from appg.models import Correction, State, Upload
from leftbehind_site.desk.locks import address_of

logger = logging.getLogger("leftbehind.desk")

_RIGHTS: Final = ("username", "is_active", "is_staff", "is_superuser")
"""What is told of an account when it changes."""


def tell(
    event: str,
    request: HttpRequest | None = None,
    *,
    account: str = "",
    about: str = "",
    outcome: str = "done",
    level: int = logging.INFO,
) -> None:
    """Write a line about an event.

    Args:
        event: What happened, in a word or two.
        request: In which it happened; if not given, the one that is being answered, if there is one.
        account: Who did it; if not given, whoever is logged in.
        about: What it was done to.
        outcome: How it ended.
        level: Of the line.
    """
    request = request or _present()
    user = getattr(request, "user", None)
    facts = {
        "event": event,
        "account": account or (user.get_username() if user is not None else ""),
        "address": address_of(request) if request is not None else "",
        "object": about,
        "outcome": outcome,
    }
    # On one line, whatever a name holds.
    facts = {name: " ".join(text.split()) for name, text in facts.items()}
    logger.log(level, " ".join(f"{name}={text or '-'}" for name, text in facts.items()), extra=facts)


def _present() -> HttpRequest | None:
    """The request that is being answered; nothing in a command."""
    return getattr(HistoricalRecords.context, "request", None)


def label(thing: Model) -> str:
    """An object as the log names it: its kind and its key; accounts and groups by their names too."""
    name = thing.get_username() if isinstance(thing, User) else thing.name if isinstance(thing, Group) else ""
    return f"{thing._meta.label_lower} {thing.pk} {name}".rstrip()


def _when_committed(event: str, about: Model, outcome: str = "done", account: str = "") -> None:
    named, request = label(about), _present()
    transaction.on_commit(lambda: tell(event, request, account=account, about=named, outcome=outcome))


# --- coming and going


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Tell by what proof."""
    device = getattr(user, "otp_device", None)
    by = (
        "backup code" if isinstance(device, StaticDevice) else "second factor" if device else "password alone"
    )
    tell("log-in", request, account=user.get_username(), outcome=by)


@receiver(user_login_failed)
def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Tell what was wrong, and whose account it was if it is one."""
    name = str(credentials.get("username") or "")
    known = User.objects.filter(username=name).exists()
    why = getattr(request, "desk_refused", "name or password")
    account = name if known else "(unknown)"
    tell("log-in failed", request, account=account, outcome=why, level=logging.WARNING)


@receiver(user_locked_out)
def locked_out(request: Any, **_kwargs: Any) -> None:
    """Tell that there will be no answer for a while; once, not at each further attempt."""
    if getattr(request, "desk_refused", "") != "locked out":
        name = str(request.axes_credentials.get("username") or "")
        known = User.objects.filter(username=name).exists()
        account = name if known else "(unknown)"
        tell("lock-out", request, account=account, outcome="locked out", level=logging.WARNING)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Tell who left."""
    tell("log-out", request, account=user.get_username() if user else "")


# --- accounts and what they may do


@receiver(pre_save, sender=User)
def remember(instance: Any, update_fields: frozenset[str] | None, raw: bool, **_kwargs: Any) -> None:
    """Keep how the account was, where that may change."""
    asked = not raw and (update_fields is None or not update_fields.isdisjoint(_RIGHTS))
    instance.rights_before = (
        User.objects.filter(pk=instance.pk).values(*_RIGHTS).first() if asked and instance.pk else None
    )


@receiver(post_save, sender=User)
def account_saved(instance: Any, created: bool, **_kwargs: Any) -> None:
    """Tell of a new account, of other rights, of another password."""
    if created:
        rights = [name for name in _RIGHTS[1:] if getattr(instance, name)]
        _when_committed("account created", instance, ", ".join(rights) or "no rights")
        return
    changes = [
        f"{name}: {old} → {getattr(instance, name)}"
        for name, old in (instance.rights_before or {}).items()
        if old != getattr(instance, name)
    ]
    if changes:
        _when_committed("account changed", instance, ", ".join(changes))
    # Django keeps the new one there until it is saved; a password that is only hashed anew is not there.
    if instance._password is not None:  # noqa: SLF001
        _when_committed("password changed", instance)


@receiver(post_save, sender=Group)
def group_saved(instance: Group, created: bool, **_kwargs: Any) -> None:
    """Tell of a new group, or of a new name."""
    _when_committed("group created" if created else "group changed", instance)


@receiver(post_delete, sender=User)
@receiver(post_delete, sender=Group)
def deleted(instance: Model, **_kwargs: Any) -> None:
    """Tell of an account or a group that is gone."""
    _when_committed("account deleted" if isinstance(instance, User) else "group deleted", instance)


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
@receiver(m2m_changed, sender=Group.permissions.through)
def rights_changed(
    instance: Model, action: str, model: type[Model], pk_set: set[Any] | None, **_kwargs: Any
) -> None:
    """Tell which groups or permissions were given or taken."""
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "all removed"}.get(action)
    if verb is None or (pk_set is not None and not pk_set):
        return
    given = model._default_manager.filter(pk__in=pk_set or ())
    names = sorted(getattr(one, "codename", "") or str(one) for one in given)
    what = f"{model._meta.verbose_name_plural} {verb}: {', '.join(names)}".rstrip(": ")
    _when_committed("permissions changed", instance, what)


# --- the record


@receiver(post_create_historical_record)
def version_written(instance: Any, history_instance: Any, history_user: Any, **_kwargs: Any) -> None:
    """Tell what an editor did to an item; what a command loads has no editor, and says itself what it did."""
    if history_user is None:
        return
    event = {"+": "created", "-": "deleted"}.get(history_instance.history_type, "changed")
    if event == "created":
        event = {Upload: "uploaded", Correction: "correction"}.get(type(instance), event)
    state = getattr(instance, "state", "")
    if event == "changed" and state:
        before = history_instance.prev_record
        if before is not None and before.state != state:
            event = {"published": "published", "withdrawn": "withdrawn"}.get(str(state), event)
    withdrawn = event == "changed" and isinstance(instance, Upload) and instance.withdrawn_reason
    if withdrawn and not getattr(history_instance.prev_record, "withdrawn_reason", ""):
        event = "withdrawn"
    if state == State.PUBLISHED and instance.publish_at and instance.publish_at > timezone.now():
        state = "scheduled"
    _when_committed(event, instance, state or "done", account=history_user.get_username())


@receiver(undone)
def brought_back(item: Model, by: User | None, **_kwargs: Any) -> None:
    """Tell that an earlier version is back."""
    _when_committed("undone", item, account=by.get_username() if by else "")
