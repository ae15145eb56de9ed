"""Why a sending rests, in plain words, and where that can be mended. The screen and the mail to the sender say the same."""

from dataclasses import dataclass
from enum import StrEnum

from mailrith.delivery.models import Pause, Run
from mailrith.smtp import causes


class Way(StrEnum):
    """Where the way out begins."""

    RESUME = "resume"
    CONFIRM = "confirm"
    WAIT = "wait"
    CONNECTION = "connection"
    OPERATOR = "operator"
    LETTER = "letter"


@dataclass(frozen=True)
class Reason:
    """`title` completes "It is paused:"; `todo` are the next steps; `words` are the server's own, or empty."""

    title: str
    text: str
    todo: tuple[str, ...]
    way: Way
    words: str = ""

    @property
    def by_person(self) -> bool:
        """Whether somebody pressed Pause."""
        return self.way == Way.RESUME


_OURS: dict[str, Reason] = {
    Pause.PERSON: Reason(
        "Somebody pressed Pause",
        "Nobody is sent anything until it goes on. Those who have it, have it.",
        ("Press Resume to go on where it stopped, or cancel the rest.",),
        Way.RESUME,
    ),
    Pause.COUNT_GREW: Reason(
        "More people than you agreed to",
        "The audience grew by more than a tenth after the number was confirmed, so nothing has left yet.",
        ("Look at the number, then confirm it or cancel.",),
        Way.CONFIRM,
    ),
    Pause.HOURLY_LIMIT: Reason(
        "The hourly limit is used up",
        "The connection takes no more messages within this hour. It goes on by itself when it does.",
        (
            "Wait, or raise the hourly limit, or this workspace's share of it, on the connection's page and press Resume.",
        ),
        Way.WAIT,
    ),
    Pause.MONTHLY_LIMIT: Reason(
        "The monthly limit is used up",
        "The connection has carried all that it may in 30 days. It goes on by itself when there is room.",
        (
            "Wait, or raise the monthly limit, or this workspace's share of it, on the connection's page and press Resume.",
            "Ask your mail service for a larger plan if this happens often.",
        ),
        Way.WAIT,
    ),
    Pause.DAILY_LIMIT: Reason(
        "The daily limit is used up",
        "The connection takes no more messages today. It goes on by itself when it does.",
        (
            "Wait, or raise the daily limit, the warm-up or this workspace's share on the connection's page and press Resume.",
        ),
        Way.WAIT,
    ),
    Pause.PUBLIC_URL: Reason(
        "Links would lead nowhere",
        "The public address of this installation is not https, so nobody could unsubscribe.",
        ("Ask the person who runs Mailrith to set MAILRITH_PUBLIC_URL, then press Resume.",),
        Way.OPERATOR,
    ),
    Pause.CONNECTION_OFF: Reason(
        "The connection is switched off",
        "It was disabled or paused after sending had begun.",
        ("Turn the connection on again: this goes on by itself.",),
        Way.CONNECTION,
    ),
    Pause.CONNECTION_GONE: Reason(
        "The connection is not this workspace's any more",
        "Somebody took it away from this workspace after sending had begun.",
        ("Assign the connection to this workspace again, then press Resume.",),
        Way.CONNECTION,
    ),
    Pause.LETTER: Reason(
        "The letter cannot be sent",
        "It would not arrive as it was written, so nothing has left.",
        ("Duplicate it, mend the letter and send the copy.",),
        Way.LETTER,
    ),
}


def reason(run: Run) -> Reason:
    """Why this run rests, or ended before it began."""
    ours = _OURS.get(run.pause_cause)
    if ours is not None:
        return Reason(ours.title, ours.text, ours.todo, ours.way, run.pause_words)
    found = causes.cause(run.pause_cause)
    resume = (
        "Once the connection works again, this goes on by itself. Nobody was marked failed for it."
    )
    return Reason(
        found.title,
        f"{found.what} {found.likely}",
        (*found.todo, resume),
        Way.CONNECTION,
        run.pause_words,
    )


def title_of(cause: str) -> str:
    """Why a connection stopped, in a few words; empty without a cause."""
    ours = _OURS.get(cause)
    return ours.title if ours else causes.cause(cause).title if cause else ""
