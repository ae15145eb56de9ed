"""The page of a bounce mailbox: the password stays at home, a wrong place is refused beside its field, trying is a job."""

import pytest

from mailrith.connections.mailbox import queries
from mailrith.connections.mailbox.models import BounceMailbox, MailboxMail
from mailrith.connections.models import AuthMechanism
from mailrith.core.db import db
from mailrith.events.mailbox import fetching, jobs, storing, trials
from mailrith.events.models import HookRequest
from tests.support import factories, mailboxes
from tests.support.cast import sign_in
from tests.support.certificates import ca_pem
from tests.support.factories_mailboxes import make_mailbox
from tests.support.html import faults

CANARY = "canary-mailbox-password"


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def page(cast, connection):
    return f"/w/{cast.workspace.slug}/connections/{connection.public_id}/mailbox"


@pytest.fixture
def filled():
    def fill(**changes):
        values = {
            "address": "bounces@rig.test",
            "tagged": "y",
            "protocol": "imap",
            "host": "127.0.0.1",
            "port": "",
            "secure_mode": "tls",
            "username": "bounces@rig.test",
            "password": CANARY,
            "folder": "INBOX",
            "afterwards": "keep",
            "move_to": "",
            "ca_certificate": "",
        } | changes
        return {name: value for name, value in values.items() if value is not None}

    return fill


def kept(connection):
    return queries.of(connection.id)


def test_the_page_without_a_mailbox_says_what_it_is_for(signed_in, page):
    answer = signed_in.get(page)

    assert answer.status_code == 200
    assert "Save first" in answer.text
    assert faults(answer.text) == []


def test_what_is_typed_is_kept_sealed_and_tried(signed_in, page, connection, filled):
    answer = signed_in.post(page, data=filled())

    assert answer.status_code == 303
    mailbox = kept(connection)
    assert (mailbox.port, mailbox.host, mailbox.opened("password")) == (993, "127.0.0.1", CANARY)
    assert CANARY.encode() not in mailbox.sealed_password
    assert trials.of(mailbox).under_way
    shown = signed_in.get(page)
    assert CANARY not in shown.text
    assert faults(shown.text) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": ""}, "Fill in an address."),
        ({"address": "nobody"}, "@"),
        ({"address": "a-name-that-is-long@rig.test"}, "At most 14 characters"),
        ({"address": "boun=ces@rig.test"}, "letters and digits before the @"),
        ({"host": "169.254.169.254"}, "no public mail server was found there"),
        ({"host": "10.0.0.1"}, "no public mail server was found there"),
        ({"password": ""}, "Type the password of the mailbox."),
        ({"username": ""}, "Fill in who signs in."),
        ({"port": "many"}, "Type a whole number, in digits."),
        ({"afterwards": "move"}, "Name the folder that they move to."),
        ({"afterwards": "move", "move_to": "inbox"}, "Name another folder"),
        ({"afterwards": "move", "move_to": "Done", "protocol": "pop3"}, "POP3 knows no folders."),
        ({"folder": "Zurück"}, "plain letters"),
        ({"secure_mode": "starttls-if-offered"}, "Not a valid choice"),
        ({"ca_certificate": "nonsense"}, "certificate"),
    ],
)
@pytest.mark.any_database
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    signed_in, page, connection, filled, changes, said
):
    answer = signed_in.post(page, data=filled(**changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert kept(connection) is None
    assert faults(answer.text) == []


def test_a_line_without_encryption_leads_only_to_this_machine(
    signed_in, page, connection, filled, monkeypatch
):
    from mailrith.connections.mailbox import values

    monkeypatch.setattr(values, "check_server", lambda typed, policy: None)

    answer = signed_in.post(page, data=filled(host="imap.rig.test", secure_mode="none"))

    assert "Without encryption" in answer.text
    assert signed_in.post(page, data=filled(secure_mode="none")).status_code == 303
    assert kept(connection).port == 143


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "127.0.0.2"},
        {"port": "1993"},
        {"username": "mallory"},
        {"protocol": "pop3"},
        {"secure_mode": "starttls"},
        {"ca_certificate": "own"},
    ],
)
@pytest.mark.any_database
def test_the_stored_password_goes_nowhere_else(signed_in, page, connection, filled, changes):
    signed_in.post(page, data=filled())
    if "ca_certificate" in changes:
        changes = {"ca_certificate": ca_pem()}

    answer = signed_in.post(page, data=filled(password="", **changes))

    assert answer.status_code == 422
    assert "Type the password again." in answer.text
    db.session.expire_all()
    assert kept(connection).host == "127.0.0.1"


TOKEN = {
    "sign_in": "token",
    "password": "",
    "oauth_client_id": "client-7",
    "oauth_secret": "canary-secret",
    "oauth_refresh": "canary-refresh",
    "oauth_token_url": "https://127.0.0.1/token",
    "oauth_scope": "read.mail",
}
KEPT = TOKEN | {"oauth_secret": "", "oauth_refresh": ""}
on_one_database = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def test_a_token_takes_the_place_of_a_password_and_is_never_shown(
    signed_in, page, connection, filled
):
    signed_in.post(page, data=filled())
    answer = signed_in.post(page, data=filled(**TOKEN))

    assert answer.status_code == 303
    db.session.expire_all()
    mailbox = kept(connection)
    assert mailbox.opened("oauth_refresh") == "canary-refresh"
    assert mailbox.sealed_password is None
    shown = signed_in.get(page).text
    assert "canary" not in shown
    assert faults(shown) == []
    history = signed_in.get(page.replace("/mailbox", "/history")).text
    assert "client of the token" in history
    assert " of the bounce mailbox" in history
    assert "client-7" not in history


@on_one_database
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host": "127.0.0.2"}, "oauth_refresh"),
        ({"host": "127.0.0.2", "oauth_refresh": "another"}, "oauth_secret"),
        ({"port": "143"}, "oauth_refresh"),
        ({"username": "mallory"}, "oauth_refresh"),
        ({"protocol": "pop3"}, "oauth_refresh"),
        ({"secure_mode": "starttls"}, "oauth_refresh"),
        ({"ca_certificate": "own"}, "oauth_refresh"),
        ({"oauth_client_id": "another"}, "oauth_refresh"),
        ({"oauth_token_url": "https://127.0.0.2/token"}, "oauth_refresh"),
        ({"sign_in": "password"}, "password"),
    ],
)
def test_the_stored_token_goes_nowhere_else(
    signed_in, page, connection, filled, monkeypatch, changes, field
):
    from mailrith.connections.mailbox import values

    monkeypatch.setattr(values, "check_server", lambda wanted, policy: None)
    signed_in.post(page, data=filled(**TOKEN))
    if "ca_certificate" in changes:
        changes = {"ca_certificate": ca_pem()}

    answer = signed_in.post(page, data=filled(**KEPT | changes))

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "again. The stored one" in answer.text
    db.session.expire_all()
    assert (kept(connection).host, kept(connection).sign_in) == ("127.0.0.1", "token")


@on_one_database
def test_the_token_stays_while_only_the_rest_changes(signed_in, page, connection, filled):
    signed_in.post(page, data=filled(**TOKEN))
    signed_in.post(page, data=filled(**KEPT | {"folder": "Returned"}))

    db.session.expire_all()
    mailbox = kept(connection)
    assert mailbox.folder == "Returned"
    assert mailbox.opened("oauth_secret") == "canary-secret"
    assert mailbox.opened("oauth_refresh") == "canary-refresh"


@on_one_database
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"oauth_refresh": ""}, "Paste the refresh token"),
        ({"oauth_client_id": ""}, "Type the client ID"),
        ({"oauth_token_url": "login"}, "Give the full https address"),
        ({"oauth_token_url": "https://10.0.0.1/token"}, "no public mail server was found there"),
        ({"oauth_token_url": "https://127.0.0.1:465/token"}, "Give the full https address"),
        ({"sign_in": "sending"}, "does not send with OAuth"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_and_nothing_is_kept(
    signed_in, page, connection, filled, changes, said
):
    answer = signed_in.post(page, data=filled(**TOKEN | changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert "canary" not in answer.text
    assert kept(connection) is None
    assert faults(answer.text) == []


@on_one_database
class TestTheSignInForSending:
    @pytest.fixture
    def connection(self, cast):
        made = factories.make_connection(cast.workspace, host="127.0.0.1")
        made.auth_mechanism = AuthMechanism.XOAUTH2
        db.session.commit()
        return made

    def test_it_can_be_chosen_and_takes_nothing_that_was_typed_for_another(
        self, signed_in, page, connection, filled
    ):
        signed_in.post(page, data=filled(**TOKEN))
        changes = {"sign_in": "sending", "ca_certificate": ca_pem()}
        answer = signed_in.post(page, data=filled(**TOKEN | changes))

        assert answer.status_code == 303
        db.session.expire_all()
        mailbox = kept(connection)
        assert (mailbox.sign_in, mailbox.ca_certificate) == ("sending", "")
        assert mailbox.sealed_oauth_refresh is None
        assert mailbox.oauth_token_url == ""

    def test_it_goes_to_no_other_service(self, signed_in, page, connection, filled):
        answer = signed_in.post(page, data=filled(sign_in="sending", host="127.0.0.2"))

        assert answer.status_code == 422
        assert "shown to the same service only" in answer.text
        assert kept(connection) is None


def test_the_password_stays_while_only_the_rest_changes(signed_in, page, connection, filled):
    signed_in.post(page, data=filled())

    signed_in.post(page, data=filled(password="", afterwards="delete", address="back@rig.test"))

    db.session.expire_all()
    mailbox = kept(connection)
    assert (mailbox.address, mailbox.afterwards) == ("back@rig.test", "delete")
    assert mailbox.opened("password") == CANARY


def test_another_folder_is_read_from_its_beginning(signed_in, page, connection, filled):
    signed_in.post(page, data=filled())
    mailbox = kept(connection)
    mailbox.uid_validity, mailbox.last_uid = 5, 70
    db.session.commit()

    signed_in.post(page, data=filled(password="", folder="Returned"))

    db.session.expire_all()
    assert kept(connection).last_uid == 0


def test_removing_it_forgets_the_password_and_keeps_what_is_stored(signed_in, page, connection):
    mailbox = make_mailbox(connection.id)
    storing.store(mailbox.id, connection.id, "1", b"Subject: x\r\n\r\n")
    db.session.commit()

    signed_in.post(page + "/remove")

    db.session.expire_all()
    assert kept(connection) is None
    assert db.session.query(MailboxMail).count() == 0
    assert db.session.query(HookRequest).count() == 1


def test_a_connection_that_is_deleted_takes_its_mailbox_along(signed_in, page, connection, cast):
    from mailrith.connections import actions

    make_mailbox(connection.id)

    actions.delete(connection, cast.alice)
    db.session.commit()

    assert kept(connection) is None


@pytest.mark.parametrize("more", ["", "/try", "/remove"])
def test_a_stranger_finds_nothing(client, cast, page, connection, filled, more):
    make_mailbox(connection.id)
    sign_in(client, cast.carol)

    assert client.post(page + more, data=filled()).status_code == 404
    assert client.get(page).status_code == 404
    db.session.expire_all()
    assert kept(connection).trial == {}


def test_whoever_may_only_look_changes_nothing(client, cast, page, connection, filled):
    sign_in(client, cast.bob)

    codes = {
        client.post(page + more, data=filled()).status_code for more in ("", "/try", "/remove")
    }

    assert codes == {403}
    assert kept(connection) is None


def test_trouble_is_said_on_the_page_and_tried_less_and_less_often(signed_in, page, connection):
    mailbox = make_mailbox(connection.id, port=9)  # nobody listens there
    waits = []
    for _ in range(3):
        jobs.fetch(mailbox.id)
        found = db.session.get(BounceMailbox, mailbox.id, populate_existing=True)
        waits.append(found.next_at - found.failing_since)

    shown = signed_in.get(page)

    assert found.trouble["key"] == "unreachable"
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * fetching.EVERY
    assert "Nobody answers there" in shown.text
    assert faults(shown.text) == []


def test_only_what_is_due_is_handed_out_once(connection, run_jobs, monkeypatch):
    make_mailbox(connection.id)
    read = []
    monkeypatch.setattr(jobs, "fetch", read.append)

    for _ in range(2):
        jobs.fetch_due()

    assert run_jobs() == 1
    assert len(read) == 1


def test_try_it_shows_each_step_of_a_real_server(
    signed_in, page, connection, filled, bounce_box, run_jobs
):
    bounce_box.put(b"Subject: one\r\n\r\n")
    signed_in.post(
        page,
        data=filled(
            port=str(bounce_box.port("imaps")),
            username=mailboxes.USER,
            password=mailboxes.PASSWORD,
            ca_certificate=ca_pem(),
        ),
    )
    db.session.commit()

    run_jobs()

    done = signed_in.get(page, headers={"HX-Request": "true"})
    assert "Everything passed" in done.text
    assert "1 mail in the folder" in done.text
    assert "hx-trigger" not in done.text
