"""What a test needs from the machine, and what happens when it is not there."""

import os

import pytest

REQUIRE_ALL = "REQUIRE_ALL"


def require(condition: object, not_run: str) -> None:
    """Go on if the condition holds; otherwise say in one line what was not run and why.

    A person who lacks a browser should not see red, and a run that is meant to prove everything should not
    see green: with REQUIRE_ALL in the environment the missing thing is a failure.
    """
    if condition:
        return
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{not_run} ({REQUIRE_ALL} is set, so nothing may be left out)", pytrace=False)
    pytest.skip(not_run)
