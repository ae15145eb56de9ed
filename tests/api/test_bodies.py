"""What cannot be read is refused with a sentence, and nothing is done."""

import gzip

import pytest
from pydantic import Field

from mailrith.api import bodies
from mailrith.api.bodies import Body
from mailrith.core.errors import Invalid
from tests.support import factories

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

JSON = {"content_type": "application/json"}


@pytest.fixture
def here(cast):
    made = factories.make_connection(cast.workspace)
    return f"/email-delivery-connections/{made.public_id}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"name": "a", "name": "b"}', "stands twice"),
        (b'{"name": NaN}', "not a JSON number"),
        (b'{"name": "\xff"}', "not UTF-8"),
        (b'["name"]', "Send a JSON object"),
        (b"null", "Send a JSON object"),
        (b'{"name": ' + b"[" * 30 + b"]" * 30 + b"}", "levels deep"),
        (b'{"name": "a\\u0000b"}', "NUL"),
        (b'{"name": "\\ud800"}', "surrogate"),
        (b'{"\\u0000": "x"}', "NUL"),
        (b'{"nome": "x"}', "nome is nothing that this request takes"),
        (b'{"name": 5}', "name has to be text"),
        (b'{"name": ["x"]}', "name has to be text"),
    ],
)
def test_what_cannot_be_meant_is_refused(program, here, body, words):
    answer = program.patch(here, data=body, **JSON)

    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request", "invalid_body")
    assert words in error["message"]


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b'{"name": "x"}', "content_type": "text/plain"},
        {"data": b"name=x", "content_type": "application/x-www-form-urlencoded"},
        {"data": gzip.compress(b'{"name": "x"}'), "headers": {"Content-Encoding": "gzip"}} | JSON,
    ],
)
def test_another_form_than_json_is_refused(program, here, sent):
    answer = program.patch(here, **sent)

    assert answer.status_code == 415
    assert answer.get_json()["error"]["code"] == "unsupported_media_type"


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_refused_before_it_is_read(program, here, chunked):
    body = b'{"name": "' + b"x" * bodies.MAX_BYTES + b'"}'
    more = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}}
    answer = program.patch(here, data=body, **JSON, **(more if chunked else {}))

    assert answer.status_code == 413
    assert answer.get_json()["error"]["message"] == "The body is larger than 1 MB."


def test_a_body_where_none_is_taken_is_refused(program, here):
    assert program.post(f"{here}/verify", json={"host": "x"}).status_code == 400
    assert program.post(f"{here}/verify", json={}).status_code == 200


class Part(Body):
    url: str = Field(max_length=10)


class Whole(Body):
    subject: str
    parts: list[Part] = Field(max_length=2)


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ({"parts": []}, "subject", "subject is missing."),
        ({"subject": "x", "parts": [{}]}, "parts[0].url", "parts[0].url is missing."),
        (
            {"subject": "x", "parts": [{"url": "y"}, {"url": "y" * 11}]},
            "parts[1].url",
            "parts[1].url has at most 10 characters.",
        ),
        ({"subject": "x", "parts": [{"url": "y"}] * 3}, "parts", "parts has at most 2 entries."),
        ({"subject": "x", "parts": "y"}, "parts", "parts has to be a list."),
        ({"subject": "x", "parts": ["y"]}, "parts[0]", "parts[0] has to be an object."),
    ],
)
def test_a_mistake_is_named_by_its_path(app, value, path, words):
    with (
        app.test_request_context(json=value),
        pytest.raises(Invalid) as caught,
    ):
        bodies.read(Whole, bodies.raw(1000))

    assert (caught.value.field, caught.value.message) == (path, words)
