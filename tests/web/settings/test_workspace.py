from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mailrith.accounts.models import AuditEntry
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.core.clock import now
from tests.support import factories
from tests.support.cast import Cast, sign_in
from tests.support.front_door import plain

AS_IT_IS = {
    "name": "The Allotment Post",
    "address": "14 Hackney Lane",
    "city": "London",
    "postal_code": "E8 1AA",
    "country": "United Kingdom",
    "time_zone": "Europe/London",
}


def test_the_owner_renames_and_moves_it(signed_in: FlaskClient, cast: Cast, session) -> None:
    slug = cast.workspace.slug
    changes = {"name": "The Hungry Gap", "address": "PO Box 418", "time_zone": "Europe/Lisbon"}

    answer = signed_in.post(f"/w/{slug}/settings", data=AS_IT_IS | changes)

    workspace = cast.workspace
    assert answer.location == f"/w/{slug}/settings"
    assert (workspace.name, workspace.address, workspace.time_zone) == tuple(changes.values())
    assert workspace.slug == slug
    entry = session.scalar(select(AuditEntry))
    assert (entry.action, entry.user_id) == ("workspace.edited", cast.alice.id)
    assert entry.details["before"]["name"] == "The Allotment Post"


def test_a_member_who_may_only_see_cannot_save(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.bob)

    page = client.get(f"/w/{cast.workspace.slug}/settings")
    answer = client.post(f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | {"name": "Mine"})

    assert page.status_code == 200
    assert "The owner of The Allotment Post changes them" in page.text
    assert answer.status_code == 403
    assert cast.workspace.name == "The Allotment Post"


def test_a_stranger_gets_the_page_of_what_does_not_exist(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.carol)

    theirs = client.get(f"/w/{cast.workspace.slug}/settings")
    nothing = client.get("/w/there-is-no-such-place/settings")
    changed = client.post(f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | {"name": "Mine"})

    assert theirs.status_code == nothing.status_code == changed.status_code == 404
    assert plain(theirs.text) == plain(nothing.text)
    assert cast.workspace.name == "The Allotment Post"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "What is it called?"),
        ({"name": "x" * 10_000}, "At most 120 characters"),
        ({"name": "\u200b\u0000 "}, "What is it called?"),
        ({"city": "x" * 200}, "At most 120 characters"),
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone"),
        ({"time_zone": ""}, None),
    ],
)
@pytest.mark.any_database
def test_what_cannot_be_kept_gets_a_sentence_and_changes_nothing(
    signed_in: FlaskClient, cast: Cast, change: dict[str, str], words: str | None
) -> None:
    answer = signed_in.post(f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | change)

    if words is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert words in answer.text
    assert cast.workspace.name == "The Allotment Post"


def test_a_line_break_never_gets_into_the_name(signed_in: FlaskClient, cast: Cast) -> None:
    data = AS_IT_IS | {"name": "The\r\nBcc: x@evil.example\x0b\u2028Post"}

    signed_in.post(f"/w/{cast.workspace.slug}/settings", data=data)

    assert cast.workspace.name == "The Bcc: x@evil.example Post"


def test_another_zone_lists_what_is_scheduled_before_it_is_saved(
    signed_in: FlaskClient, cast: Cast
) -> None:
    _scheduled(cast, "The hungry gap")

    part = signed_in.get(f"/w/{cast.workspace.slug}/settings/zone?time_zone=Asia/Tokyo").text
    page = signed_in.get(f"/w/{cast.workspace.slug}/settings?zone=Asia/Tokyo").text
    same = signed_in.get(f"/w/{cast.workspace.slug}/settings/zone?time_zone=Europe/London").text

    assert "The hungry gap" in part
    assert "1 scheduled broadcast keeps the moment it leaves" in part
    assert "JST" in part
    assert "The hungry gap" in page
    assert "The hungry gap" not in same


def test_another_zone_moves_no_scheduled_broadcast(
    signed_in: FlaskClient, cast: Cast, session
) -> None:
    leaves = _scheduled(cast, "The hungry gap").scheduled_at

    signed_in.post(
        f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | {"time_zone": "Asia/Tokyo"}
    )
    page = signed_in.get(f"/w/{cast.workspace.slug}/settings").text

    assert session.scalar(select(Broadcast.scheduled_at)) == leaves
    assert "1 scheduled broadcast will leave at the same moment as before" in page


def test_an_unfinished_address_is_said_to_stop_sending(signed_in: FlaskClient, cast: Cast) -> None:
    signed_in.post(
        f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | {"address": "", "city": ""}
    )

    page = signed_in.get(f"/w/{cast.workspace.slug}/settings").text

    assert "nothing can be sent from here" in page
    assert cast.workspace.postal_lines == []


def test_no_field_reaches_the_row_that_is_not_on_the_page(
    signed_in: FlaskClient, cast: Cast
) -> None:
    account, public_id = cast.workspace.account_id, cast.workspace.public_id
    extra = {"account_id": "999", "slug": "taken-over", "public_id": str(UUID(int=1)), "id": "7"}

    signed_in.post(f"/w/{cast.workspace.slug}/settings", data=AS_IT_IS | extra)

    workspace = cast.workspace
    assert (workspace.account_id, workspace.public_id) == (account, public_id)
    assert workspace.slug != "taken-over"


def _scheduled(cast: Cast, subject: str) -> Broadcast:
    return factories.save(
        Broadcast(
            workspace_id=cast.workspace.id,
            subject=subject,
            body_document={"type": "doc", "content": []},
            status=BroadcastStatus.SCHEDULED,
            scheduled_at=now() + timedelta(days=3),
        )
    )
