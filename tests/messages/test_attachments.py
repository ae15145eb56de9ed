"""Files of a message: what is given, and what is fetched through the guard from a real web server."""

import threading
from base64 import b64encode
from dataclasses import replace

import pytest

from mailrith.core import config, setting_values
from mailrith.core.errors import Invalid, TooMany
from mailrith.messages import attachments
from mailrith.messages.attachments import Collection
from mailrith.messages.drafts import Attachment
from tests.support.certificates import ca_pem, server_context
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def settings(make_settings):
    """This machine may be reached, as an operator may allow; anything else that is private may not."""
    made = make_settings(database_url="sqlite://", ca=ca_pem())
    config.install(made)
    return made


@pytest.fixture
def httpd(start_httpd):  # noqa: F811
    server = start_httpd(tls=server_context())
    server.answer({"pears": 2})
    return server


def fetched(url, **changes):
    [file] = Collection().files([Attachment(url=url, **changes)], "")
    return file


def refusal(*wanted):
    with pytest.raises(Invalid) as raised:
        Collection().files(wanted, "messages[1].")
    return raised.value.field, raised.value.message


def test_base64_is_decoded_and_the_name_tells_the_type():
    given = Attachment("Rechnung März.pdf", content=b64encode(b"%PDF-").decode() + "\r\n")
    plain = Attachment("data", content="")

    one, other = Collection().files([given, plain], "")

    assert (one.name, one.content_type, one.content) == (
        "Rechnung März.pdf",
        "application/pdf",
        b"%PDF-",
    )
    assert (other.content_type, other.content) == ("application/octet-stream", b"")


@pytest.mark.parametrize("content", ["%%%", "YQ", "YQ===", "ü", "data:text/plain;base64,YQ=="])
def test_what_is_not_base64_is_refused(content):
    assert refusal(Attachment("a.txt", content=content))[0] == "messages[1].attachments[0].content"


def test_what_stands_at_an_address_is_fetched_once_for_a_call(httpd):
    collection = Collection()

    for _ in range(2):
        [file] = collection.files([Attachment(url=httpd.url, filename="a.json")], "")

    assert (file.name, file.content_type, file.content) == (
        "a.json",
        "application/json",
        b'{"pears": 2}',
    )
    assert [one.line for one in httpd.asked] == ["GET /token HTTP/1.1"]


def test_without_a_name_the_address_gives_one(httpd):
    assert fetched(httpd.url).name == "token"
    assert fetched(httpd.url.replace("/token", "/a/p%C3%A4r.pdf?x=1")).name == "pär.pdf"
    assert fetched(httpd.url.replace("/token", "/")).name == "attachment"


def test_a_redirect_is_not_followed_wherever_it_leads(httpd, start_httpd):  # noqa: F811
    behind = start_httpd(tls=server_context())
    for status in (301, 302, 303, 307, 308):
        httpd.answer({}, status=status, headers=f"Location: {behind.url}\r\n")
        field, sentence = refusal(Attachment(url=httpd.url))
        assert field == "messages[1].attachments[0].url"
        assert f"answered {status}" in sentence

    assert behind.connections == 0


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
def test_only_a_2xx_is_the_file(httpd, status):
    httpd.answer({}, status=status)

    if status == 204:
        assert fetched(httpd.url).content == b""
    else:
        assert f"answered {status}" in refusal(Attachment(url=httpd.url))[1]


def test_a_file_may_have_megabytes_and_no_more_than_a_mail(httpd, monkeypatch):
    httpd.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000)
    assert len(fetched(httpd.url).content) == 2_000_000

    monkeypatch.setattr(attachments, "LARGEST_BODY", 1_000_000)
    assert "too large" in refusal(Attachment(url=httpd.url))[1]
    httpd.say(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 16_000, forever=True)
    assert "too large" in refusal(Attachment(url=httpd.url))[1]


def test_a_server_that_is_silent_or_slow_is_left_in_time(httpd, monkeypatch):
    monkeypatch.setattr(attachments, "FETCH_SECONDS", 0.3)
    httpd.hold()
    assert "Nothing came" in refusal(Attachment(url=httpd.url))[1]

    monkeypatch.setattr(attachments, "ALL_SECONDS", 0.0)
    before = httpd.connections
    assert "altogether" in refusal(Attachment(url=httpd.url))[1]
    assert httpd.connections == before


def test_what_is_private_or_unknown_is_refused_alike_and_never_reached(httpd, settings):
    config.install(replace(settings, allowed_networks=setting_values.networks("")))
    said = {
        refusal(Attachment(url=url))
        for url in (
            httpd.url,
            f"https://127.0.0.1:{httpd.port}/",
            f"https://[::1]:{httpd.port}/",
            f"https://2130706433:{httpd.port}/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::ffff:192.168.0.1]/",
            "https://no-such-name.invalid/",
        )
    }

    assert len(said) == 1
    assert httpd.connections == 0


def test_a_certificate_that_proves_nothing_is_not_accepted(httpd, settings):
    config.install(replace(settings, ca=""))

    assert "Nothing came" in refusal(Attachment(url=httpd.url))[1]
    assert httpd.asked == []


def test_the_files_of_one_request_have_a_common_limit(httpd, monkeypatch):
    monkeypatch.setattr(attachments, "LARGEST_CALL", 20)
    collection = Collection()
    collection.files([Attachment("a", content=b64encode(b"x" * 15).decode())], "")

    with pytest.raises(Invalid, match="several requests"):
        collection.files([Attachment(url=httpd.url)], "")


def test_one_request_makes_few_others(httpd, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_FETCHED", 2)
    wanted = [Attachment(url=f"{httpd.url}?{number}", filename="a") for number in range(3)]

    assert refusal(*wanted)[0] == "messages[1].attachments[2].url"
    assert len(httpd.asked) == 2


def test_slow_servers_do_not_hold_every_thread(httpd, monkeypatch):
    monkeypatch.setattr(attachments, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(attachments, "_places", threading.BoundedSemaphore(1))
    with attachments._place(), pytest.raises(TooMany):
        fetched(httpd.url)

    assert httpd.connections == 0
    assert fetched(httpd.url).content
