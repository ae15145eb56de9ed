"""Where tokens come from: what is accepted when saved is asked later, and nothing else is."""

import asyncio
from ipaddress import ip_network

import pytest

from mailrith.connections.form.rules import check_servers, cleaned
from mailrith.connections.models import AuthMechanism
from mailrith.core import network, outbound
from mailrith.core.errors import Invalid
from mailrith.core.network import Policy
from tests.support.factories_connections import typed_connection

USUAL = Policy(allowed_networks=(ip_network("127.0.0.1/32"),))
WITH_8443 = Policy(USUAL.allowed_networks, (8443,))
PUBLIC = "login.example"


@pytest.fixture(autouse=True)
def _name_server(monkeypatch):
    async def look_up(name, port):
        return {PUBLIC: ["93.184.215.14"], "inside.example": ["10.0.0.5"]}[name]

    monkeypatch.setattr(network, "_system_lookup", look_up)


def objection(url, policy):
    """The field that saving refuses, if it does."""
    try:
        typed = typed_connection(
            username="hannah",
            auth_mechanism=AuthMechanism.XOAUTH2,
            oauth_client_id="app",
            oauth_token_url=url,
        )
        check_servers(cleaned(typed), policy)
    except Invalid as error:
        return error.field
    return None


@pytest.mark.parametrize(
    ("url", "policy", "expected"),
    [
        (f"https://{PUBLIC}/token", USUAL, True),
        (f"https://{PUBLIC}:443/token", USUAL, True),
        (f"https://{PUBLIC}:8443/token", USUAL, False),
        (f"https://{PUBLIC}:8443/token", WITH_8443, True),
        (f"https://{PUBLIC}:465/token", USUAL, False),
        (f"https://{PUBLIC}:587/token", WITH_8443, False),
        (f"https://{PUBLIC}:25/token", USUAL, False),
        (f"http://{PUBLIC}/token", USUAL, False),
        ("https://inside.example/token", USUAL, False),
        ("https://10.0.0.5/token", USUAL, False),
        ("https://169.254.169.254/latest/meta-data", USUAL, False),
    ],
)
def test_saving_and_asking_agree(monkeypatch, url, policy, expected):
    dialled = []

    async def dial(where, seconds):
        dialled.append((str(where.addresses[0]), where.port))
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound, "dial", dial)
    answer = asyncio.run(outbound.post_form(url, {}, policy=policy))

    assert objection(url, policy) == (None if expected else "oauth_token_url")
    assert (answer.reason == "silent") == expected, "refused, or tried in vain"
    assert bool(dialled) == expected
