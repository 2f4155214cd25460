"""What is said of accounts and roles, where people sign in."""

from __future__ import annotations

from dashboard.plain import plain

# By the names of roles in `dashboard.identity`.
ROLES = {"guest": "guest", "reader": "reader", "owner": "study owner"}
MUST = (
    "This dashboard is for people of the department alone: sign in with your account to see its "
    "pages."
)
ENDED = "Your last sign-in here is too long ago to count. Sign in again; what was stored is kept."
NEEDED = {
    "reader": (
        "The reading room is for readers: sign in with an account that has this role. The code "
        "that you were given for a study is asked for afterwards, unless you came by a link that "
        "has it."
    ),
    "owner": (
        "This page is for owners of studies: sign in with an account that has this role. The code "
        "of a study's owner is asked for afterwards."
    ),
}
OTHER = {
    "reader": (
        "The reading room is for readers, and your account is not one: ask whoever runs this "
        "dashboard, or sign in with another account."
    ),
    "owner": (
        "This page is for owners of studies, and your account is not one: ask whoever runs this "
        "dashboard, or sign in with another account."
    ),
}
CHANGES = "Runs and notes are added by owners of studies."
NOBODY = "You are not signed in, which is enough to look around."


def signed_in(name: str, role: str) -> str:
    """Say who is here."""
    return f":material/account_circle: Signed in as **{plain(name)}**, {role}."
