"""What a message carries for its service, and the id that the service answers with."""

import json

import pytest

from mailrith.connections import presets
from mailrith.connections.models import Connection, Provider
from mailrith.core import config

MARK = "9f2c6e1d-1a-k1-0123456789abcdef0123"


def traced(provider: Provider, **options: str) -> tuple[str, str]:
    trace = presets.carried(presets.of(provider), options).trace
    assert trace
    return trace[0], f"{trace[1]}{MARK}{trace[2]}"


def test_amazon_gets_the_configuration_set_and_a_tag_it_accepts() -> None:
    plain = presets.carried(presets.of(Provider.AMAZON_SES), {})
    chosen = presets.carried(presets.of(Provider.AMAZON_SES), {"configuration_set": "news"})

    assert plain.headers == ()
    assert chosen.headers == (("X-SES-CONFIGURATION-SET", "news"),)
    assert traced(Provider.AMAZON_SES) == ("X-SES-MESSAGE-TAGS", f"mailrith={MARK}")


def test_postmark_gets_the_stream_and_no_tracking() -> None:
    carried = presets.carried(presets.of(Provider.POSTMARK), {"message_stream": "weekly"})

    assert dict(carried.headers) == {
        "X-PM-TrackOpens": "false",
        "X-PM-TrackLinks": "None",
        "X-PM-KeepID": "true",
        "X-PM-Message-Stream": "weekly",
    }
    assert traced(Provider.POSTMARK) == ("X-PM-Metadata-mailrith", MARK)


def test_empty_stream_leaves_postmarks_default() -> None:
    carried = presets.carried(presets.of(Provider.POSTMARK), {"message_stream": ""})

    assert "X-PM-Message-Stream" not in dict(carried.headers)


def test_sendgrid_gets_one_header_with_everything_off() -> None:
    name, value = traced(Provider.SENDGRID)

    assert name == "X-SMTPAPI"
    off = {"settings": {"enable": 0}}
    assert json.loads(value) == {
        "unique_args": {"mailrith": MARK},
        "filters": {"clicktrack": off, "opentrack": off, "subscriptiontrack": off},
    }


@pytest.mark.parametrize(
    ("provider", "header", "meant"),
    [
        (Provider.MAILGUN, "X-Mailgun-Variables", {"mailrith": MARK}),
        (Provider.MAILTRAP, "X-MT-Custom-Variables", {"mailrith": MARK}),
        (
            Provider.SPARKPOST,
            "X-MSYS-API",
            {
                "options": {"open_tracking": False, "click_tracking": False},
                "metadata": {"mailrith": MARK},
            },
        ),
    ],
)
def test_headers_in_json_are_json(provider: Provider, header: str, meant: object) -> None:
    name, value = traced(provider)

    assert name == header
    assert json.loads(value) == meant


def test_stored_option_that_was_never_allowed_reaches_no_header() -> None:
    connection = Connection(
        provider=Provider.POSTMARK, provider_options={"message_stream": "a\r\nBcc: x@x.test"}
    )

    assert "X-PM-Message-Stream" not in dict(presets.carried_by(connection).headers)


def test_own_server_gets_nothing_extra() -> None:
    for provider in (
        Provider.CUSTOM_SMTP,
        Provider.INSTALLATION,
        Provider.LOCAL_CATCHER,
        Provider.GMAIL,
    ):
        assert presets.carried(presets.of(provider), {"message_stream": "x"}) == presets.NOTHING


@pytest.mark.parametrize(
    ("host", "header"),
    [("smtp.sendgrid.net", "X-SMTPAPI"), ("email-smtp.eu-west-1.amazonaws.com", "X-SES-MESSAGE-TAGS"), ("mail.example.org", None)],
)  # fmt: skip
def test_operators_server_gets_what_its_own_service_wants(make_settings, host, header) -> None:
    config.install(
        make_settings(
            database_url="sqlite://",
            default_smtp_url=f"smtp+starttls://user:password@{host}:587",
            default_from="post@mailrith.example.org",
        )
    )

    carried = presets.carried_by(Connection(provider=Provider.INSTALLATION))

    assert (carried.trace[0] if carried.trace else None) == header


def test_operators_server_that_is_no_more_gets_nothing(make_settings) -> None:
    config.install(make_settings(database_url="sqlite://"))

    assert presets.carried_by(Connection(provider=Provider.INSTALLATION)) == presets.NOTHING


@pytest.mark.parametrize(
    ("provider", "reply", "meant"),
    [
        (
            Provider.AMAZON_SES,
            "250 Ok 0000012345678e09-123a4cdc-b56c-78dd-b90b-d123be456789-000000",
            "0000012345678e09-123a4cdc-b56c-78dd-b90b-d123be456789-000000",
        ),
        (Provider.SENDGRID, "250 Ok: queued as pZ5Jfj7bSqOmRrLLYXGHVQ", "pZ5Jfj7bSqOmRrLLYXGHVQ"),
        (
            Provider.MAILERSEND,
            "250 Message queued as 61eec2dc16ae8b627a4b87e7",
            "61eec2dc16ae8b627a4b87e7",
        ),
        (
            Provider.BREVO,
            "2.0.0 OK: queued as <202508020358.47907466195@smtp-relay.sendinblue.com>",
            "202508020358.47907466195@smtp-relay.sendinblue.com",
        ),
        (Provider.AMAZON_SES, "250 Ok", None),
        (Provider.SENDGRID, "250 Ok: queued as <script>", None),
        (Provider.SENDGRID, "", None),
        (Provider.SENDGRID, "x" * 5000 + "queued as pZ5Jfj7bSqOmRrLLYXGHVQ", None),
        (Provider.CUSTOM_SMTP, "250 2.0.0 Ok: queued as 4ZxYzT1JQzz1", None),
        (Provider.MAILGUN, "250 Great success", None),
    ],
)
def test_services_own_id_is_read_out_of_its_answer(
    provider: Provider, reply: str, meant: str | None
) -> None:
    assert presets.provider_message_id(presets.of(provider), reply) == meant
