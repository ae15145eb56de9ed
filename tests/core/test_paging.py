from typing import Any

from sqlalchemy import select

from mailrith.accounts.models import User
from mailrith.core.paging import paginate
from tests.support import factories


def test_pages_walk_forth_and_back_without_a_gap(session: Any) -> None:
    made = [factories.make_user().id for _ in range(7)]
    query = select(User)

    first = paginate(query, User.id, size=3)
    second = paginate(query, User.id, size=3, after=first.after)
    third = paginate(query, User.id, size=3, after=second.after)
    back = paginate(query, User.id, size=3, before=third.before)

    seen = [user.id for page in (first, second, third) for user in page.items]
    assert seen == list(reversed(made))
    assert [user.id for user in back.items] == [user.id for user in second.items]
    assert (first.before, third.after) == (None, None)


def test_an_invented_cursor_shows_the_first_page(session: Any) -> None:
    user = factories.make_user()

    for cursor in ("", "!!!", "AAAA", "9" * 50, "LTE"):
        assert [row.id for row in paginate(select(User), User.id, after=cursor).items] == [user.id]
