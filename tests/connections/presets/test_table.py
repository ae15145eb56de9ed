"""What is true of every preset, whichever service it is."""

import re
from dataclasses import replace

import pytest

from mailrith.connections import presets
from mailrith.connections.form.rules import cleaned
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.models import AuthMechanism, Provider, SecureMode
from mailrith.connections.presets import Group, Option, Preset
from mailrith.core.errors import Invalid
from mailrith.core.network import USUAL_PORTS

ALL = list(presets.PRESETS.values())
SERVICES = [preset for preset in ALL if preset.group in (Group.SERVICE, Group.MAILBOX)]
each = pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.provider)
each_service = pytest.mark.parametrize("preset", SERVICES, ids=lambda preset: preset.provider)

HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")


def test_every_provider_has_one_preset() -> None:
    assert set(presets.PRESETS) == set(Provider)
    assert all(presets.of(provider).provider == provider for provider in Provider)


def test_every_preset_but_the_operators_is_a_tile_once() -> None:
    tiles = [preset for _, group in presets.tiles() for preset in group]

    assert sorted(tile.provider for tile in tiles) == sorted(
        set(Provider) - {Provider.INSTALLATION}
    )
    assert [group for group, _ in presets.tiles()] == list(Group)
    assert len({tile.label for tile in tiles}) == len(tiles)


@each
def test_words_fit_their_places(preset: Preset) -> None:
    assert 0 < len(preset.label) <= 30
    assert 0 < len(preset.tagline) <= 60
    for words in (*preset.notes, preset.limits.words):
        assert words == "" or words.endswith(".")


@each_service
def test_service_is_encrypted_named_and_explained(preset: Preset) -> None:
    assert preset.host()
    assert all(HOST.fullmatch(host) for host in preset.hosts.values())
    assert {endpoint.secure_mode for endpoint in preset.endpoints} <= {
        SecureMode.STARTTLS,
        SecureMode.TLS,
    }
    assert preset.username
    assert preset.username.hint.endswith(".")
    assert preset.password
    assert preset.password.hint.endswith(".")
    assert preset.page.startswith("https://")


@each_service
def test_ports_are_open_to_everybody(preset: Preset) -> None:
    """Port 25 and the like need the operator's permission; a preset that proposes one would be refused."""
    assert {endpoint.port for endpoint in preset.endpoints} <= USUAL_PORTS


@each
def test_a_port_says_when_tls_begins(preset: Preset) -> None:
    modes = {
        465: SecureMode.TLS,
        2465: SecureMode.TLS,
        587: SecureMode.STARTTLS,
        2587: SecureMode.STARTTLS,
    }

    assert len({port for port, _ in preset.endpoints}) == len(preset.endpoints)
    for port, mode in preset.endpoints:
        assert modes.get(port, mode) == mode


@each
def test_every_host_can_be_chosen_and_nothing_else(preset: Preset) -> None:
    if not preset.host_option:
        assert set(preset.hosts) <= {""}
        return
    option = next(option for option in preset.options if option.name == preset.host_option)
    assert option.required
    assert {choice.value for choice in option.choices} == set(preset.hosts)
    assert preset.host({option.name: "elsewhere"}) == ""


@each
def test_options_are_named_once_and_their_defaults_are_accepted(preset: Preset) -> None:
    assert len({option.name for option in preset.options}) == len(preset.options)
    for option in preset.options:
        assert option.accepts(option.default) or not option.default
        assert re.fullmatch("[a-z_]+", option.name)
    assert {name for _, name in preset.option_headers} <= {option.name for option in preset.options}


@each
@pytest.mark.parametrize(
    "value", ["a\r\nBcc: x@x.test", "a\nb", "é", "a b", "\0", "x" * 300, "../x", "a@evil.test/"]
)
def test_no_option_takes_what_could_leave_its_place(preset: Preset, value: str) -> None:
    for option in preset.options:
        assert not option.accepts(value)
        with pytest.raises(Invalid) as refusal:
            presets.check_options(preset.provider, {option.name: value})
        assert refusal.value.field == option.name


def test_absent_options_take_their_default_and_empty_ones_stay_empty() -> None:
    assert presets.check_options(Provider.POSTMARK, {}) == {"message_stream": "broadcast"}
    assert presets.check_options(Provider.POSTMARK, {"message_stream": " "}) == {
        "message_stream": ""
    }
    assert presets.check_options(Provider.POSTMARK, {"message_stream": " news ", "other": "x"}) == {
        "message_stream": "news"
    }
    assert presets.check_options(Provider.CUSTOM_SMTP, {"region": "x"}) == {}


def test_required_option_cannot_be_empty() -> None:
    with pytest.raises(Invalid) as refusal:
        presets.check_options(Provider.AMAZON_SES, {"region": ""})

    assert refusal.value.field == "region"
    assert not Option("x", "X", required=True).accepts("")


def test_region_decides_the_host() -> None:
    ses, mailgun = presets.of(Provider.AMAZON_SES), presets.of(Provider.MAILGUN)

    assert ses.host({"region": "eu-central-1"}) == "email-smtp.eu-central-1.amazonaws.com"
    assert mailgun.host({"region": "eu"}) == "smtp.eu.mailgun.org"
    assert mailgun.host() == "smtp.mailgun.org"


def test_usernames_that_are_the_same_for_everybody() -> None:
    fixed = {
        preset.provider: preset.username.fixed
        for preset in ALL
        if preset.username and preset.username.fixed
    }

    assert fixed == {
        Provider.SENDGRID: "apikey",
        Provider.RESEND: "resend",
        Provider.SPARKPOST: "SMTP_Injection",
    }


def test_tenant_decides_where_tokens_come_from() -> None:
    microsoft = presets.of(Provider.MICROSOFT_365)

    assert microsoft.mechanism == AuthMechanism.XOAUTH2
    assert (
        microsoft.token_url() == "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
    )
    assert microsoft.token_url({"tenant": "contoso.example"}) == (
        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"
    )
    assert presets.of(Provider.GMAIL).token_url() == "https://oauth2.googleapis.com/token"
    assert presets.of(Provider.FASTMAIL).token_url() == ""


def test_a_saved_connection_holds_only_options_that_its_service_knows() -> None:
    values = ConnectionValues(
        name="News", host="smtp-broadcasts.postmarkapp.com", port=587, secure_mode=SecureMode.STARTTLS, username="a", password="b",
        from_name="Hannah", from_email="hannah@allotmentpost.org", workspace_ids=frozenset({1}), provider=Provider.POSTMARK,
        provider_options={"message_stream": " weekly ", "other": "x"},
    )  # fmt: skip

    assert cleaned(values).provider_options == {"message_stream": "weekly"}
    with pytest.raises(Invalid) as refusal:
        cleaned(replace(values, provider_options={"message_stream": "a\r\nBcc: x@x.test"}))
    assert refusal.value.field == "message_stream"
