"""Five hundred people who do not exist, in domains reserved for that (RFC 2606, section 2 and 3)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

COUNT = 500
SEED = 20260424  # the same people on every machine

FIRST = (
    "Amara Ben Chidi Dana Elif Farid Grace Hamish Ines Jonas Keiko Lena Mateo Nadia Oscar Priya Quinn Rosa Sami Tara "
    "Umar Vera Wen Ximena Yusuf Zoe Aoife Bruno Clara Dmitri Esme Femi Gita Hugo Ivy Jamal Karin Leo Mina Noor"
).split()
LAST = (
    "Singh Okafor Marsh Novak Ferreira Lindqvist Haddad Tanaka Byrne Costa Dubois Evans Fischer Greene Horvat Ibrahim "
    "Jensen Kaya Lopez Moreau Nowak Osei Petrov Quirke Rossi Sato Thorne Ueda Virtanen Walsh"
).split()
DOMAINS = (
    "readers.example",
    "post.example",
    "example.org",
    "example.net",
    "garden.example",
    "mail.test",
)
TAGS = {
    "Weekly readers": 0.82,
    "Bought the course": 0.12,
    "London": 0.35,
    "Seed swap": 0.2,
    "Volunteers": 0.06,
}
STATUSES = {
    "Active": 0.90,
    "Unsubscribed": 0.04,
    "Bounced": 0.025,
    "Unconfirmed": 0.02,
    "Complained": 0.01,
    "Blocked": 0.005,
}
# The local inbox refuses these, so that a first sending shows what refusals look like.
GONE = "gone"
FULL = "full"


@dataclass(frozen=True)
class Person:
    """`days` says how long ago they subscribed."""

    email: str
    name: str
    status: str
    days: int
    tags: tuple[str, ...] = field(default=())


def people() -> Iterator[Person]:
    """COUNT people, the same ones each time."""
    dice = random.Random(SEED)
    seen: set[str] = set()
    for number in range(COUNT):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        local = f"{first}.{last}".lower()
        if local in seen:
            local = f"{local}{number}"
        seen.add(local)
        status = dice.choices(list(STATUSES), list(STATUSES.values()))[0]
        name = f"{first} {last}" if dice.random() > 0.09 else ""
        if number in {60, 61, 62}:
            local, status = f"{GONE}.{local}", "Active"
        elif number in {120, 121}:
            local, status = f"{FULL}.{local}", "Active"
        tags = tuple(tag for tag, share in TAGS.items() if dice.random() < share)
        yield Person(f"{local}@{dice.choice(DOMAINS)}", name, status, dice.randint(2, 700), tags)
