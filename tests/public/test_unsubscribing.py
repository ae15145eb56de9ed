"""The pages behind the links of a mail: opening writes nothing, one press is enough."""

import pytest
from sqlalchemy import select

from mailrith.core import config, tokens
from mailrith.core.db import Base, db
from mailrith.events.models import DeliveryFact, FactKind
from mailrith.subscribers import actions, links
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.suppression.models import Suppression, SuppressionReason
from tests.support import factories, factories_events

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_opening_the_link_asks_and_writes_nothing(client, link, person):
    before = everything()

    for method in (client.get, client.head, client.options):
        for headers in ({}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}):
            assert method(link, headers=headers).status_code == 200

    assert everything() == before
    assert status_of(person) == SubscriberStatus.ACTIVE


@pytest.mark.parametrize("path", ["/u/test", "/u/nonsense", "/u/test?List-Unsubscribe=One-Click"])
def test_opening_any_other_public_link_writes_nothing(client, person, path):
    before = everything()

    client.get(path)
    client.head(path)

    assert everything() == before


def test_the_page_speaks_for_the_newsletter_and_masks_the_address(client, link, person, cast):
    page = client.get(link).text

    assert cast.workspace.name in page
    assert "14 Hackney Lane" in page
    assert "Mailrith" not in page
    assert person.email not in page
    assert "a***@readers.example" in page


def test_the_button_unsubscribes_at_once(client, link, person):
    page = client.post(link)

    assert page.status_code == 200
    assert "You are unsubscribed" in page.text
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED
    assert suppression_of(person).reason == SuppressionReason.UNSUBSCRIBED


def test_one_click_needs_no_cookie_no_token_and_no_page(app, link, person):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = app.test_client(use_cookies=False).post(link, data=ONE_CLICK)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert "Set-Cookie" not in answer.headers
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_one_click_works_as_multipart_too(client, link, person):
    client.post(link, data=ONE_CLICK, content_type="multipart/form-data")

    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_pressing_twice_says_so_and_changes_nothing_more(client, link, person):
    client.post(link)
    before = everything()

    second = client.post(link)
    third = client.get(link)

    assert everything() == before
    assert "You already left" in second.text
    assert "You already left" in third.text
    assert "mistake" not in second.text


def test_the_message_that_made_the_person_leave_is_noted(client, link, delivery):
    client.post(link)

    fact = db.session.scalars(select(DeliveryFact)).one()
    assert (fact.delivery_id, fact.kind, fact.source) == (
        delivery.id,
        FactKind.UNSUBSCRIBED,
        "link",
    )


def test_the_link_works_when_the_person_was_deleted_and_added_again(client, link, person, cast):
    email = person.email
    db.session.delete(person)
    db.session.commit()
    again = factories.make_subscriber(cast.workspace, email=email)

    client.post(link)

    assert status_of(again) == SubscriberStatus.UNSUBSCRIBED
    assert db.session.scalars(select(DeliveryFact)).one().kind == FactKind.UNSUBSCRIBED


def test_the_link_works_when_the_sending_is_gone(client, link, person, delivery):
    db.session.delete(delivery)
    db.session.commit()

    assert client.post(link).status_code == 200
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_the_link_works_when_nobody_has_the_address_any_more(client, link, person):
    fingerprint = person.fingerprint
    db.session.delete(person)
    db.session.commit()

    assert client.get(link).status_code == 200
    db.session.rollback()  # the client shares the test's session
    assert client.post(link).status_code == 200

    assert db.session.scalars(select(Suppression)).one().fingerprint == fingerprint


def test_the_link_works_after_the_keys_were_rotated(app, client, link, person):
    old = config.current()
    newer = config.Key("k2", bytes(32))
    changes = {field: getattr(old, field) for field in old.__dataclass_fields__}
    config.install(config.Settings(**changes | {"keys": (newer, *old.keys)}))
    try:
        client.post(link)
    finally:
        config.install(old)

    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_a_changed_token_reaches_nobody(client, link, person):
    head, token = link.rsplit("/", 1)
    before = everything()

    for place in range(0, len(token), 3):
        letter = "A" if token[place] != "A" else "B"
        changed = f"{head}/{token[:place]}{letter}{token[place + 1 :]}"
        assert client.post(changed).status_code == 404
        assert client.get(changed).status_code == 404

    assert everything() == before


def test_a_token_made_for_another_purpose_reaches_nobody(client, link, person):
    payload = tokens.read(links.PURPOSE, link.rsplit("/", 1)[1])

    assert client.post(f"/u/{tokens.sign('return', payload)}").status_code == 404
    assert status_of(person) == SubscriberStatus.ACTIVE


def test_the_address_is_not_in_the_link(link, person):
    assert person.email.partition("@")[0] not in link
    assert len(link) < 150


@pytest.mark.parametrize("path", ["/u/test", "/u/nonsense"])
def test_private_pages_are_kept_out_of_caches_indexes_and_referers(client, link, path):
    for target in (path, link):
        headers = client.get(target).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_test_mail_s_link_unsubscribes_nobody(client, person):
    before = everything()

    assert "test letter" in client.get("/u/test").text
    assert "test letter" in client.post("/u/test").text
    assert client.post("/u/test", data=ONE_CLICK).mimetype == "text/plain"

    assert everything() == before


def test_a_mistake_is_taken_back_from_the_page_itself(client, link, person):
    back = press(client, link)

    page = client.post(f"{link}/back", data={"back": back})

    assert "Welcome back" in page.text
    assert status_of(person) == SubscriberStatus.ACTIVE
    assert suppression_of(person) is None


def test_the_way_back_works_once(client, link, person):
    back = press(client, link)
    client.post(f"{link}/back", data={"back": back})
    actions.unsubscribe(claim_of(link), "again")
    db.session.commit()

    # In the same second as the first press this would be the same unsubscribe; a minute later it is not.
    row = db.session.get_one(Subscriber, person.id)
    row.status_changed_at = row.status_changed_at.replace(year=row.status_changed_at.year + 1)
    db.session.commit()

    assert client.post(f"{link}/back", data={"back": back}).status_code == 409
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_the_way_back_closes_after_half_an_hour(client, link, person):
    import time_machine

    from mailrith.core import clock

    back = press(client, link)
    later = clock.now().timestamp() + 31 * 60

    with time_machine.travel(later, tick=False):
        answer = client.post(f"{link}/back", data={"back": back})

    assert answer.status_code == 409
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_a_complaint_in_between_stays(client, link, person):
    back = press(client, link)
    actions.record_complaint(person.id, "Marked the mail as spam")
    db.session.commit()

    assert client.post(f"{link}/back", data={"back": back}).status_code == 409
    assert status_of(person) == SubscriberStatus.COMPLAINED


@pytest.mark.parametrize("back", ["", "nonsense", "AAAA"])
def test_no_way_back_without_the_page_s_token(client, link, person, back):
    client.post(link)

    assert client.post(f"{link}/back", data={"back": back}).status_code == 409
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


def test_another_person_s_way_back_is_not_mine(client, link, person, cast):
    other = factories.make_subscriber(cast.workspace)
    other_back = press(client, link_for(other))
    client.post(link)

    assert client.post(f"{link}/back", data={"back": other_back}).status_code == 409
    assert status_of(person) == SubscriberStatus.UNSUBSCRIBED


@pytest.mark.parametrize(
    "status", [SubscriberStatus.UNCONFIRMED, SubscriberStatus.BOUNCED, SubscriberStatus.BLOCKED]
)
def test_who_was_not_active_is_offered_no_way_back(client, link, person, status):
    person.status = status
    db.session.commit()

    assert 'name="back"' not in client.post(link).text


def test_a_huge_body_is_refused(client, link, person):
    answer = client.post(link, data={"x": "y" * 200_000})

    assert answer.status_code == 413
    assert status_of(person) == SubscriberStatus.ACTIVE


def press(client, link: str) -> str:
    """Press the button, and read the token of the page that it opens."""
    page = client.post(link).text
    return page.partition('name="back" value="')[2].partition('"')[0]


def everything() -> dict[str, list[tuple]]:
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
    }


def status_of(person) -> SubscriberStatus:
    db.session.rollback()
    return db.session.scalar(select(Subscriber.status).where(Subscriber.id == person.id))


def suppression_of(person) -> Suppression | None:
    return db.session.scalar(
        select(Suppression).where(Suppression.fingerprint == person.fingerprint)
    )


def claim_of(link: str) -> links.UnsubscribeClaim:
    claim = links.read_unsubscribe(link.rsplit("/", 1)[1])
    assert claim is not None
    return claim


def link_for(person, delivery_id: int = 0) -> str:
    url = links.unsubscribe_url(person.workspace_id, person.id, person.fingerprint, delivery_id)
    return url.removeprefix(config.current().public_url)


@pytest.fixture
def person(cast):
    return factories.make_subscriber(cast.workspace, email="amara.singh@readers.example")


@pytest.fixture
def delivery(cast, person):
    connection = factories.make_connection(cast.workspace)
    run = factories_events.make_run(cast.workspace, connection)
    return factories_events.make_delivery(run, person)


@pytest.fixture
def link(person, delivery) -> str:
    """The path of the link in the mail that the person got."""
    return link_for(person, delivery.id)
