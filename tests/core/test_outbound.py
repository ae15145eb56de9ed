import asyncio
from ipaddress import ip_network

import pytest

from mailrith.core import outbound
from mailrith.core.network import Policy
from mailrith.core.outbound import Answer, NoAnswer
from tests.support.certificates import ca_pem, server_context
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture

HERE = Policy(allowed_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
FIELDS = {"grant_type": "refresh_token", "refresh_token": "a b&c"}


def post(url, *, policy=HERE, lookup=None, ca_certificates=None):
    trusted = ca_pem() if ca_certificates is None else ca_certificates
    return asyncio.run(
        outbound.post_form(url, FIELDS, policy=policy, ca_certificates=trusted, lookup=lookup)
    )


@pytest.fixture
def httpd(start_httpd):  # noqa: F811
    server = start_httpd(tls=server_context())
    server.answer({"answer": 42})
    return server


def test_a_form_arrives_and_its_answer_comes_back(httpd):
    found = post(httpd.url)

    assert found == Answer(200, b'{"answer": 42}')
    assert httpd.asked[0].line == "POST /token HTTP/1.1"
    assert httpd.asked[0].headers["host"] == f"localhost:{httpd.port}"
    assert httpd.asked[0].form == FIELDS


def test_what_stands_at_an_address_is_fetched(httpd):
    found = asyncio.run(outbound.get(httpd.url, policy=HERE, ca_certificates=ca_pem()))

    assert found == Answer(200, b'{"answer": 42}')
    assert httpd.asked[0].line == "GET /token HTTP/1.1"
    assert httpd.asked[0].form == {}


def test_an_address_that_the_guard_closes_is_not_fetched(httpd):
    found = asyncio.run(outbound.get(httpd.url, policy=Policy(), ca_certificates=ca_pem()))

    assert found.reason == "refused"
    assert httpd.connections == 0


def test_an_answer_in_chunks_is_put_together(httpd):
    httpd.say(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )

    assert post(httpd.url) == Answer(200, b"abcde")


def test_a_server_that_keeps_the_line_open_is_not_waited_for(httpd, monkeypatch):
    monkeypatch.setattr(outbound, "SECONDS", 60)
    httpd.answer({"answer": 42}, keep_open=True)

    assert post(httpd.url).ok


def test_a_redirect_is_an_answer_and_is_not_followed(start_httpd, httpd):  # noqa: F811
    other = start_httpd(tls=server_context())
    httpd.answer({}, status=302, headers=f"Location: {other.url}\r\n")
    found = post(httpd.url)

    assert (found.status, found.ok) == (302, False)
    assert other.connections == 0


@pytest.mark.parametrize("kind", ["expired", "self-signed", "wrong-name", "tls-1.0"])
def test_a_wrong_certificate_gets_no_secret(start_httpd, kind):  # noqa: F811
    httpd = start_httpd(tls=server_context(kind))

    assert post(httpd.url) == NoAnswer("silent", post(httpd.url).words)
    assert httpd.asked == []


def test_an_authority_that_nobody_knows_gets_no_secret(httpd):
    assert post(httpd.url, ca_certificates="").reason == "silent"
    assert httpd.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/token",
        "ftp://localhost/token",
        "file:///etc/passwd",
        "https://user:password@localhost/token",
        "https:///token",
        "https://localhost:99999/token",
        "https://localhost/to ken",
        "https://localhost/token\r\nX-More: 1",
        "https://localhost:587/token",
        "https://localhost:465/token",
        "//localhost/token",
        "",
    ],
)
def test_an_address_that_is_none_is_not_asked(url):
    assert post(url) == NoAnswer("refused")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "2130706433", "0x7f.1", "localhost"],
)
def test_private_hosts_are_not_asked(httpd, host):
    url = f"https://{host}:{httpd.port}/token"

    assert post(url, policy=Policy(allowed_ports=(httpd.port,))) == NoAnswer("refused")
    assert httpd.connections == 0


def test_a_port_beside_the_usual_one_has_to_be_allowed():
    async def far(name, port):
        return ["8.8.8.8"]

    assert post("https://login.example.com:8443/token", lookup=far) == NoAnswer("refused")


def test_plain_http_is_for_this_machine_alone(start_httpd):  # noqa: F811
    httpd = start_httpd()
    httpd.answer({"answer": 42})

    assert post(httpd.url).ok
    assert post(httpd.url, policy=Policy()) == NoAnswer("refused")
    assert len(httpd.asked) == 1


def test_a_name_is_resolved_once_and_the_line_goes_to_what_was_judged(httpd):
    asked = []

    async def rebinding(name, port):
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    assert post(httpd.url, lookup=rebinding).ok
    assert asked == ["localhost"]


@pytest.mark.parametrize(
    ("raw", "forever"),
    [
        (b"220 mail.example ESMTP\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", False),
        (b"", False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000, True),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5000, True),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n", False),
    ],
)
def test_what_is_no_answer_or_too_much_of_it_ends(httpd, raw, forever):
    httpd.say(raw, forever=forever)

    assert post(httpd.url).reason == "silent"


def test_a_server_that_says_nothing_is_given_up(httpd, monkeypatch):
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    httpd.hold()

    assert post(httpd.url) == NoAnswer("silent", "TimeoutError")
