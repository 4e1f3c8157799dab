"""What whoever looks after the site does from the command line."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from leftbehind_site.desk import second_factor
from tests.leftbehind_site.desk.conftest import PASSWORD, attempt, code

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def locked(name: str, address: str) -> bool:
    return bool(attempt(name=name, password="wrong", REMOTE_ADDR=address).status_code == 429)


@pytest.mark.usefixtures("editor")
def test_unlocking_an_account() -> None:
    for number in range(5):
        attempt(password="wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert locked("ada", "198.51.100.1")
    assert run("unlock", "--account", "ada") == "ada: failures forgotten: 5.\n"
    assert attempt(REMOTE_ADDR="198.51.100.1").status_code == 302
    assert run("unlock", "--account", "ada") == "ada: no failures, no lock.\n"


def test_unlocking_an_account_forgets_wrong_codes(with_phone: User) -> None:
    for _ in range(4):
        second_factor.verify(with_phone, "000000" if code() != "000000" else "111111")
    run("unlock", "--account", "ada")
    assert second_factor.verify(with_phone, code()) is not None


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8:0:1::5"])
def test_unlocking_an_address(address: str) -> None:
    for number in range(20):
        attempt(name=f"somebody {number}", password="wrong", REMOTE_ADDR=address)
    assert locked("x", address)
    assert run("unlock", "--address", address) == f"{address}: failures forgotten: 20.\n"
    assert not locked("x", address)


def test_unlocking_everybody() -> None:
    for name in ("one", "two"):
        for number in range(5):
            attempt(name=name, password="wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert run("unlock", "--all") == "everybody: failures forgotten: 10.\n"
    assert not locked("one", "198.51.100.1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("unlock", "--account", "nobody"), "There is no account 'nobody'. `manage.py who_can` lists"),
        (("unlock", "--address", "the office"), "'the office' is no address: write it like 192.0.2.7"),
        (("unlock",), "one of the arguments --account --address --all --expired is required"),
        (("unlock", "--all", "--address", "192.0.2.1"), "not allowed with argument"),
        (("reset_second_factor", "nobody"), "There is no account 'nobody'."),
        (("reset_second_factor", "ada"), "ada has no second factor; nothing was changed."),
    ],
)
@pytest.mark.usefixtures("editor")
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert message in str(caught.value)


def test_a_lost_phone(with_phone: User) -> None:
    second_factor.make_codes(with_phone)
    assert run("reset_second_factor", "ada").startswith("ada logs in by password alone now, and may choose")
    assert not second_factor.is_set_up(with_phone)
    assert attempt().status_code == 302


def test_who_can_do_what(with_phone: User) -> None:
    assert with_phone.groups.exists()
    User.objects.create_superuser("root", password=PASSWORD)
    User.objects.create_user("gone", is_active=False, is_staff=True)
    User.objects.create_user("guest")
    looking = User.objects.create_user("looking", is_staff=True)
    looking.user_permissions.add(Permission.objects.get(codename="view_newsitem"))
    for number in range(5):
        attempt(name="root", password="wrong", REMOTE_ADDR=f"192.0.2.{number}")
    attempt(token=code())
    told = run("who_can")
    assert told.startswith("Accounts: 5\n")
    blocks = {block.split(":")[0].split("\n")[0].split(" (")[0]: block for block in told.split("\n\n")}
    assert "ada (Ada Okafor): may do what its groups may: Secretariat" in blocks["ada"]
    assert "second factor: set up" in blocks["ada"]
    assert "last log-in: 20" in blocks["ada"]
    assert "may do everything" in blocks["root"]
    assert "locked out for now; `manage.py unlock --account root` ends that" in blocks["root"]
    assert "cannot log in: not active" in blocks["gone"]
    assert "cannot log in: not of the staff" in blocks["guest"]
    assert "is in no group" in blocks["looking"]
    assert "appg.newsitem: view" in blocks["looking"]
    assert "last log-in: never" in blocks["looking"]
    assert f"Groups: {Group.objects.count()}" in told
    assert "appg.newsitem: add, change, delete, view" in blocks["Secretariat"]
