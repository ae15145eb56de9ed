import pytest

from mailrith.smtp.server import NoToken, Server
from mailrith.smtp.session import Session
from mailrith.smtp.signing_in import choose
from mailrith.smtp.trouble import Trouble
from tests.support.certificates import ca_pem, server_context

USERS = {"ada": "correct horse"}
ADA = {"username": "ada", "password": "correct horse"}


class Tokens:
    """Gives these, one after another, and remembers which were refused."""

    def __init__(self, *tokens):
        self.tokens, self.refused = list(tokens), []

    async def token(self, *, refused=""):
        self.refused.append(refused)
        return self.tokens.pop(0)


def chosen(offered, *, unseen=True, **server):
    values = {"username": "ada", "password": "x"} | server
    found = choose(Server("h", 587, **values), tuple(offered.split()), unseen=unseen)
    return found.cause if isinstance(found, Trouble) else found


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ("cram-md5 login plain", "plain"),
        ("cram-md5 login", "login"),
        ("cram-md5", "cram-md5"),
        ("xoauth2 plain", "plain"),
        ("xoauth2", "auth_mechanism"),
        ("gssapi ntlm", "auth_mechanism"),
        ("", "auth_missing"),
    ],
)
def test_an_unseen_line_takes_the_password_as_it_is(offered, expected):
    assert chosen(offered) == expected


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ("cram-md5 login plain", "cram-md5"),
        ("login plain", "auth_in_clear"),
        ("gssapi", "auth_mechanism"),
    ],
)
def test_a_readable_password_never_crosses_the_internet(offered, expected):
    assert chosen(offered, unseen=False) == expected


@pytest.mark.parametrize("auth", ["plain", "login", "xoauth2"])
def test_naming_a_readable_mechanism_is_no_permission(auth):
    assert chosen("plain login xoauth2", unseen=False, auth=auth) == "auth_in_clear"
    assert chosen("plain login xoauth2", unseen=False, auth=auth, allow_clear_auth=True) == auth


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5", "xoauth2"])
def test_a_named_mechanism_is_used_or_nothing_is(auth):
    others = [name for name in ("plain", "login", "cram-md5", "xoauth2") if name != auth]

    assert chosen(f"{' '.join(others)} {auth}", auth=auth) == auth
    assert chosen(" ".join(others), auth=auth) == "auth_not_offered"


def test_a_token_is_preferred_where_there_is_no_password():
    assert chosen("plain xoauth2", password="", tokens=Tokens()) == "xoauth2"
    assert chosen("plain xoauth2", tokens=Tokens()) == "plain"


def test_what_is_offered_is_told_when_it_does_not_fit():
    found = choose(Server("h", 1, auth="cram-md5"), ("plain", "login"), unseen=True)

    assert found.words == "It offers PLAIN, LOGIN"


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5"])
def test_each_mechanism_signs_in(start_smtpd, try_to_connect, auth):
    smtpd = start_smtpd(
        starttls=server_context(), users=USERS, mechanisms="PLAIN LOGIN CRAM-MD5 XOAUTH2"
    )
    found = try_to_connect(smtpd, security="starttls", ca_certificates=ca_pem(), auth=auth, **ADA)

    assert isinstance(found, Session)
    assert smtpd.logins == [("ada", "correct horse")]
    assert [line.split()[1] for line in smtpd.commands if line.startswith("AUTH")] == [auth.upper()]


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5"])
def test_a_wrong_password_is_refused_once_by_each(start_smtpd, try_to_connect, auth):
    smtpd = start_smtpd(users=USERS, mechanisms="PLAIN LOGIN CRAM-MD5")
    found = try_to_connect(smtpd, auth=auth, username="ada", password="wrong")

    assert (found.cause, found.reply_code) == ("auth_refused", 535)
    assert len(smtpd.logins) == 1


def test_a_server_that_asks_for_the_name_is_given_the_name(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS, mechanisms="LOGIN", asks_for_name=True)

    assert isinstance(try_to_connect(smtpd, **ADA), Session)
    assert smtpd.logins == [("ada", "correct horse")]


def test_a_name_that_is_refused_at_once_is_followed_by_no_password(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS, mechanisms="LOGIN")
    smtpd.answer("AUTH LOGIN", "535 5.7.8 Nobody of that name")
    found = try_to_connect(smtpd, **ADA)

    assert found.cause == "auth_refused"
    assert smtpd.logins == []
    assert not any("Y29ycmVjdCBob3JzZQ" in line for line in smtpd.commands)


def test_no_sign_in_is_a_choice(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS)

    assert isinstance(try_to_connect(smtpd, auth="none", **ADA), Session)
    assert not any(line.startswith("AUTH") for line in smtpd.commands)


def test_a_cram_challenge_that_is_none_is_told(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS, mechanisms="CRAM-MD5")
    smtpd.answer("AUTH CRAM-MD5", "334 not base64!")
    found = try_to_connect(smtpd, **ADA)

    assert (found.cause, found.phase) == ("auth_confused", "auth")
    assert smtpd.logins == []


def test_a_token_signs_in(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tokens={"ada": "good"}, mechanisms="XOAUTH2")
    tokens = Tokens("good")

    assert isinstance(try_to_connect(smtpd, username="ada", tokens=tokens), Session)
    assert tokens.refused == [""]


def test_a_refused_token_is_tried_once_more_with_a_new_one(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tokens={"ada": "new"}, mechanisms="XOAUTH2")
    tokens = Tokens("old", "new")

    assert isinstance(try_to_connect(smtpd, username="ada", tokens=tokens), Session)
    assert tokens.refused == ["", "old"]
    assert smtpd.connections == 1


def test_two_refused_tokens_are_enough(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tokens={"ada": "other"}, mechanisms="XOAUTH2")
    found = try_to_connect(smtpd, username="ada", tokens=Tokens("old", "new", "third"))

    assert (found.cause, found.reply_code) == ("token_not_taken", 535)
    assert [token for _, token in smtpd.logins] == ["old", "new"]


def test_another_refusal_than_of_the_token_is_not_repeated(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tokens={"ada": "good"}, mechanisms="XOAUTH2")
    smtpd.answer("AUTH", "454 4.7.0 Temporary authentication failure")
    found = try_to_connect(smtpd, username="ada", tokens=Tokens("good", "again"))

    assert found.cause == "auth_temporary"
    assert len(smtpd.logins) == 1


def test_without_a_token_the_server_hears_nothing(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tokens={"ada": "good"}, mechanisms="XOAUTH2")
    refused = Tokens(NoToken("token_refused", "invalid_grant: Revoked"))
    found = try_to_connect(smtpd, username="ada", tokens=refused)

    assert (found.cause, found.words) == ("token_refused", "invalid_grant: Revoked")
    assert try_to_connect(smtpd, username="ada", auth="xoauth2").cause == "token_missing"
    assert not any(line.startswith("AUTH") for line in smtpd.commands)


def test_a_refusal_that_repeats_the_sign_in_is_kept_without_it(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS)
    smtpd.answer("AUTH", "535 5.7.8 no ada with correct horse, AGFkYQBjb3JyZWN0IGhvcnNl")
    found = try_to_connect(smtpd, **ADA)

    assert found.words == "535 5.7.8 no ... with ..., ..."
    assert found.reply.words == found.words
