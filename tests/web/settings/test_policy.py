"""What bounces and complaints do: who sees it, who changes it, and what is refused."""

import pytest
from sqlalchemy import select

from mailrith.accounts.models import AuditEntry
from mailrith.core.db import db
from mailrith.suppression import policy
from mailrith.suppression.policy import SoftBounces
from tests.support import factories
from tests.support.cast import sign_in
from tests.support.html import faults

AS_IT_IS = {"bounces": "5", "days": "14", "complaints": "here"}


@pytest.fixture
def page(cast):
    return f"/w/{cast.workspace.slug}/settings/bounces"


def test_the_owner_chooses_and_it_is_noted(signed_in, cast, page):
    shown = signed_in.get(page).text
    answer = signed_in.post(page, data={"bounces": "8", "days": "30", "complaints": "everywhere"})

    assert faults(shown) == []
    assert 'value="14"' in shown
    assert answer.location == page
    assert policy.soft_bounces(cast.workspace.id) == SoftBounces(8, 30)
    assert policy.complaints_everywhere(cast.workspace.account_id)
    found = [row.details for row in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert found == [{"before": {"bounces": 5, "days": 14}}, {"complaints": "everywhere"}]


def test_what_stays_as_it_is_is_not_noted(signed_in, page):
    answer = signed_in.post(page, data=AS_IT_IS)

    assert answer.status_code == 303
    assert db.session.scalar(select(AuditEntry)) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bounces": "2"}, "A number from 3 to 20"),
        ({"bounces": "²"}, "A whole number"),
        ({"bounces": "-5"}, "A whole number"),
        ({"days": ""}, "A whole number"),
        ({"days": "9" * 5000}, "A whole number"),
        ({"days": "91"}, "A number from 7 to 90"),
    ],
)
@pytest.mark.any_database
def test_what_cannot_hold_gets_a_sentence(signed_in, cast, page, change, words):
    answer = signed_in.post(page, data=AS_IT_IS | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert faults(answer.text) == []
    assert policy.soft_bounces(cast.workspace.id) == SoftBounces()


def test_a_choice_that_does_not_exist_changes_nothing(signed_in, cast, page):
    signed_in.post(page, data=AS_IT_IS | {"complaints": "nowhere"})

    assert not policy.complaints_everywhere(cast.workspace.account_id)


def test_who_manages_the_workspace_is_not_asked_about_the_account(client, cast, page):
    dora = factories.make_user("Dora")
    factories.make_member(cast.workspace, dora, workspace="manage")
    sign_in(client, dora)

    shown = client.get(page).text
    saved = client.post(page, data={"bounces": "6", "days": "14"})
    forged = client.post(page, data={"bounces": "7", "days": "14", "complaints": "everywhere"})

    assert "The owner of the account decides that" in shown
    assert 'name="complaints"' not in shown
    assert saved.status_code == 303
    assert forged.status_code == 403
    assert policy.soft_bounces(cast.workspace.id) == SoftBounces(6, 14)
    assert not policy.complaints_everywhere(cast.workspace.account_id)


def test_who_may_only_look_cannot_save(client, cast, page):
    sign_in(client, cast.bob)

    assert "The owner of The Allotment Post changes them" in client.get(page).text
    assert client.post(page, data=AS_IT_IS | {"days": "30"}).status_code == 403


def test_a_stranger_finds_nothing(client, cast, page):
    sign_in(client, cast.carol)

    assert client.get(page).status_code == 404
    assert client.post(page, data=AS_IT_IS).status_code == 404
