"""The secret of services that cannot sign."""

from base64 import b64encode

import pytest
from werkzeug.datastructures import Headers

from mailrith.events import shared_secret
from mailrith.events.reports import BadSignature, Keys, Post

KEYS = Keys(("whs_new", "whs_old"))


def _check(headers, keys=KEYS):
    return shared_secret.check(Post(Headers(list(headers.items())), b"{}"), keys)


def _basic(pair, scheme="Basic"):
    return {"Authorization": f"{scheme} {b64encode(pair.encode()).decode()}"}


@pytest.mark.parametrize(
    "headers",
    [
        _basic("mailrith:whs_new"),
        _basic("anybody:whs_old"),
        _basic(":whs_new"),
        _basic("mailrith:whs_new", scheme="bASIC"),
        {"X-Mailrith-Secret": "whs_new"},
        {"x-mailrith-secret": " whs_old "},
        {"X-Mailrith-Secret": "wrong"} | _basic("mailrith:whs_new"),
    ],
)
def test_one_right_secret_is_enough(headers):
    assert _check(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _basic("whs_new"),
        _basic("whs_new:"),
        _basic("mailrith:whs_new:more"),
        _basic("mailrith:WHS_NEW"),
        {"Authorization": "Basic whs_new"},
        {"Authorization": "Basic é"},
        {"Authorization": "Bearer whs_new"},
        {"X-Mailrith-Secret": "é\u2603"},
        {"X-Mailrith-Secret": ""},
    ],
)
def test_anything_else_is_refused_with_a_sentence(headers):
    found = _check(headers)

    assert isinstance(found, BadSignature)
    assert found.sentence.endswith(".")
    assert "whs" not in found.sentence


@pytest.mark.parametrize("keys", [Keys(()), Keys(("",)), Keys((), ("whs_new",))])
def test_an_empty_secret_opens_nothing(keys):
    assert isinstance(_check(_basic("mailrith:"), keys), BadSignature)
    assert isinstance(_check({"X-Mailrith-Secret": "whs_new"}, keys), BadSignature)
