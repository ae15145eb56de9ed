"""What the edges call: a provider's request comes in by three steps, so that nothing is held open while a slow body arrives."""

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import endpoints, intake, providers, refusals, single_use
from mailrith.events.endpoints import Endpoint
from mailrith.events.providers import azure, generic
from mailrith.events.providers.azure import Answer
from mailrith.events.reports import BadSignature, Post
from mailrith.events.sources.own import GENERIC, MAPPING

__all__ = [
    "Endpoint",
    "answer",
    "believe",
    "endpoint",
    "is_probed",
    "note_refusal",
    "refuse",
    "store",
]

_door = intake.Intake()


def endpoint(public_id: str, path_secret: str, *, fresh: bool = False) -> Endpoint | None:
    """The webhook at this address, or None. Ends its transaction.

    What is not `fresh` may be a second old: ask again with `fresh` before anything is refused.
    """
    return endpoints.find(public_id, path_secret, fresh=fresh)


def is_probed(endpoint: Endpoint) -> bool:
    """Whether whoever posts here looks first, by a HEAD, whether somebody is there."""
    return endpoint.source == "mandrill"


def answer(endpoint: Endpoint, post: Post) -> Answer | None:
    """What a verified request wants to hear before its sender posts events; None when it only brings some."""
    return azure.answer(post) if endpoint.source == "azure" else None


def believe(endpoint: Endpoint, post: Post) -> BadSignature | None:
    """Why the request is not believed, or None. Touches no database."""
    bad = endpoint.reader.verify(post, endpoint.keys)
    token = providers.single_use_token(endpoint.source, post.body) if bad is None else ""
    return single_use.bind(token, post.body) if token else bad


def refuse(endpoint: Endpoint, post: Post) -> BadSignature | Unreadable | None:
    """Why the request is refused, or None. Touches no database.

    What a service posts is not read here: it would throw away for good what is refused, and reading takes longer than storing.
    Whoever writes a script of their own hears at once that its JSON is broken.
    """
    bad = believe(endpoint, post)
    if bad is not None:
        return bad
    if endpoint.source == GENERIC:
        found = generic.read(post.body)
    elif endpoint.source == MAPPING:
        found = strict_json.read(post.body)
    else:
        return None
    return found if isinstance(found, Unreadable) else None


def note_refusal(endpoint: Endpoint, found: BadSignature | Unreadable) -> None:
    """Count it, for the connection's page. The caller commits."""
    refusals.note(endpoint.connection_id, found.sentence)


def store(endpoint: Endpoint, content_type: str, body: bytes) -> bool:
    """Keep a verified request, together with those that come meanwhile. Commits; answer only then.

    False when too much waits already. Raises NotStored.
    """
    return _door.bring(endpoint, content_type, body)
