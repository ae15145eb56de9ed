"""What a workspace and an account decide about events."""

import pytest

from mailrith.core.db import db
from mailrith.core.errors import Forbidden, Invalid
from mailrith.suppression import policy
from mailrith.suppression.policy import SoftBounces
from tests.support import factories


def test_until_somebody_chooses_five_over_two_weeks_are_a_run(cast):
    assert policy.soft_bounces(cast.workspace.id) == SoftBounces(bounces=5, days=14)
    assert not policy.complaints_everywhere(cast.workspace.account_id)


def test_what_was_chosen_holds_in_this_workspace_only(cast):
    chosen = SoftBounces(bounces=8, days=30)

    assert policy.choose_soft_bounces(cast.workspace, chosen) == SoftBounces()
    assert policy.choose_soft_bounces(cast.workspace, chosen) is None
    db.session.commit()

    assert policy.soft_bounces(cast.workspace.id) == chosen
    assert policy.soft_bounces(cast.elsewhere.id) == SoftBounces()


@pytest.mark.parametrize(
    ("bounces", "days", "field"),
    [(2, 14, "bounces"), (21, 14, "bounces"), (5, 6, "days"), (5, 91, "days"), (-1, -1, "bounces")],
)
@pytest.mark.any_database
def test_what_would_be_careless_or_never_come_is_refused(cast, bounces, days, field):
    with pytest.raises(Invalid) as refused:
        policy.choose_soft_bounces(cast.workspace, SoftBounces(bounces, days))

    assert refused.value.field == field


def test_only_the_account_s_owner_says_where_a_complaint_counts(cast):
    account_id = cast.workspace.account_id
    for stranger in (cast.bob, cast.carol):
        with pytest.raises(Forbidden):
            policy.choose_complaints(account_id, everywhere=True, user_id=stranger.id)

    assert policy.choose_complaints(account_id, everywhere=True, user_id=cast.alice.id)
    assert not policy.choose_complaints(account_id, everywhere=True, user_id=cast.alice.id)
    db.session.commit()

    assert policy.complaints_everywhere(account_id)
    assert not policy.complaints_everywhere(factories.make_workspace().account_id)
