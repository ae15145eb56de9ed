"""The fixed cast: Alice owns the workspace, Bob is a member who may see everything, Carol is a stranger with a workspace of her own."""

from dataclasses import dataclass

from flask.testing import FlaskClient

from mailrith.accounts.models import User, Workspace
from tests.support import factories


@dataclass
class Cast:
    alice: User
    bob: User
    carol: User
    workspace: Workspace
    elsewhere: Workspace  # Carol's


def assemble() -> Cast:
    views = dict.fromkeys(("subscribers", "tags", "broadcasts", "connections", "workspace"), "view")
    with factories.together():
        alice, bob, carol = (factories.make_user(name) for name in ("Alice", "Bob", "Carol"))
        workspace = factories.make_workspace(alice)
        factories.make_member(workspace, bob, **views)
        elsewhere = factories.make_workspace(carol, name="Seed Library")
    return Cast(alice, bob, carol, workspace, elsewhere)


def sign_in(client: FlaskClient, user: User) -> None:
    """As the sign-in page would leave the session."""
    with client.session_transaction() as session:
        session["_user_id"] = user.fs_uniquifier
        session["_fresh"] = True
        session["_id"] = None
