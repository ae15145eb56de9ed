"""Certificates of services: fetched once, and missed without losing an event."""

from datetime import timedelta

import pytest

from mailrith.core import clock
from mailrith.core.errors import TooMany
from mailrith.events import signing_certificates
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture


@pytest.fixture
def httpd(app, start_httpd):  # noqa: F811
    signing_certificates.forget()
    server = start_httpd()
    server.answer({"pem": 1})
    yield server
    signing_certificates.forget()


def test_a_certificate_is_fetched_once_and_again_after_a_day(httpd, monkeypatch):
    first = signing_certificates.load(httpd.url)
    again = signing_certificates.load(httpd.url)

    assert first == again == b'{"pem": 1}'
    assert len(httpd.asked) == 1

    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    signing_certificates.load(httpd.url)

    assert len(httpd.asked) == 2


def test_an_address_without_one_is_no_certificate_and_is_asked_again(httpd):
    httpd.answer({}, status=404)

    assert signing_certificates.load(httpd.url) is None
    httpd.answer({"pem": 2})
    assert signing_certificates.load(httpd.url) == b'{"pem": 2}'


@pytest.mark.parametrize("status", [500, 503])
def test_while_its_server_is_in_trouble_the_service_is_asked_to_come_again(httpd, status):
    httpd.answer({}, status=status)

    with pytest.raises(TooMany):
        signing_certificates.load(httpd.url)


def test_an_address_that_the_guard_closes_is_never_asked(app):
    with pytest.raises(TooMany):
        signing_certificates.load("https://10.0.0.1/SimpleNotificationService-1.pem")


def test_no_more_than_a_few_are_kept(httpd):
    for number in range(signing_certificates.MOST + 1):
        signing_certificates.load(f"{httpd.url}?{number}")
    signing_certificates.load(f"{httpd.url}?0")

    assert len(httpd.asked) == signing_certificates.MOST + 2
