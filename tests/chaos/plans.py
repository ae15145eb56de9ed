"""What is tried: each name stands for something that happens to a broadcast, and a seed decides what the name leaves open."""

import random
from dataclasses import dataclass, field, replace

from tests.chaos import faults
from tests.chaos.points import POINTS

RANDOM = "random"
ONLY_POSTGRESQL = ("database_cut", "database_killed")
AT_LAUNCH_TOO = (
    "valkey_emptied",
    "valkey_gone",
    "database_cut",
    "database_killed",
)  # every other time
# Where a worker is killed while something else happens.
ON_THE_WAY = ("marked", "before dot", "content", "dot", "replied", "recording", "recorded")


@dataclass(frozen=True)
class Plan:
    """`arms` are the points of a role's lives, one life after another; `cues` what happens when which part has arrived.

    The mail server takes DATA, in lock-step if it has to be, or BDAT (`chunking`); with `sign_in` it wants a password.
    """

    name: str
    seed: int
    recipients: int = 200
    sessions: int = 4
    worker_count: int = 1
    arms: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    cues: tuple[tuple[float, str], ...] = ()
    faults: str = ""
    lock_step: bool = False
    chunking: bool = False
    sign_in: bool = False
    stand_in: bool = False
    impatient: bool = False
    control: str = ""


def names(engine: str) -> list[str]:
    """Everything that can be tried on this database."""
    return [*POINTS, *outside(engine), RANDOM]


def outside(engine: str) -> list[str]:
    """Faults from outside."""
    missing = ONLY_POSTGRESQL if engine == "sqlite" else ()
    cues = [name for name in faults.CUES if name not in missing and name not in faults.PARTS]
    return [*cues, *faults.TOGETHER, *faults.OF_THE_SINK]


def expanded(wanted: str, engine: str) -> list[str]:
    """The names in a list with commas between; "points" and "outside" stand for all of their kind, nothing for all.

    Raises ValueError for a name that this database does not know.
    """
    kinds = {"points": list(POINTS), "outside": outside(engine)}
    found = [one.strip() for one in wanted.split(",") if one.strip()]
    listed = [name for one in found for name in kinds.get(one, [one])] or names(engine)
    unknown = set(listed) - set(names(engine))
    if unknown:
        raise ValueError(f"not on {engine}: {', '.join(sorted(unknown))}")
    return listed


def plan(name: str, seed: int, recipients: int) -> Plan:
    """The trial of that name."""
    rng = random.Random(f"{name} {seed}")
    if name in POINTS:
        made = _at_point(name, seed, recipients)
        chunking = POINTS[name].chunking
        return replace(made, chunking=bool(seed % 2) if chunking is None else chunking)
    made = Plan(name, seed, recipients, chunking=bool(seed % 2))
    if name == RANDOM:
        return replace(
            made,
            recipients=recipients * 2,
            worker_count=2,
            cues=((0.05, "kill_at_random"), (0.2 + seed % 5 / 10, "suspend")),
            faults="close=0.003,drop=0.003,busy=0.01,defer=0.02,refuse=0.01,cut=0.003,throttle=0.1",
        )
    if name in faults.OF_THE_SINK:
        return replace(made, faults=faults.OF_THE_SINK[name])
    if name in faults.TOGETHER:
        return replace(made, **faults.TOGETHER[name])
    early = name in AT_LAUNCH_TOO and rng.random() < 0.5
    killed = {"worker": ((rng.choice(ON_THE_WAY), rng.randint(1, 30)),)}
    return replace(
        made,
        worker_count=2 if name == "suspend" else 1,
        cues=((0.0 if early else 0.3, name),),
        sign_in=name == "password_changed",
        stand_in=name == "server_killed",
        impatient=name in ("database_away", "journal_unwritable"),
        arms=killed if name in faults.WITH_A_KILL else {},
    )


def control(name: str, seed: int, recipients: int) -> Plan:
    """A broken sender, killed where it is wrong about somebody."""
    point = "marked" if name == "sent_before_reply" else "replied"
    arms = {"worker": ((point, 6 + seed % 4),)}
    return Plan(name, seed, recipients, arms=arms, control=name)


def _at_point(name: str, seed: int, recipients: int) -> Plan:
    """Die at a passing of the named point that the seed chooses, having arranged what it needs."""
    point, rng = POINTS[name], random.Random(seed)
    life = (name, rng.randint(1, point.often))
    dead = ("dot", rng.randint(1, 100))
    wishes = {
        "lock-step": {"lock_step": True},
        "slow": {"faults": "slow=0.1"},
        "refuse": {"faults": "refuse=0.1"},
        "defer": {"faults": "defer=0.2"},
        "away": {"cues": ((0.3, "database_away"),), "impatient": True},
        "journal left": {
            "cues": ((0.3, "database_away"),),
            "impatient": True,
            "arms": {"worker": (("journaled", 1), life)},
        },
        "pause": {"cues": ((0.3, "pause"),)},
        "drain": {"cues": ((0.3, "drain"),)},
        "drains": {
            "cues": tuple((part, "drain") for part in (0.15, 0.4, 0.65)),
            "arms": {"worker": (life,) * 3},
        },
        "stand-in": {"cues": ((0.3, "server_killed"),), "stand_in": True},
        "either": {"arms": {"worker": (life,), "scheduler": (life,)}},  # whoever comes first
        "dead worker": {"arms": {"worker": (dead,), "scheduler": (life,)}},
        "": {},
    }[point.needs]
    return Plan(name, seed, recipients, **{"arms": {point.role: (life,)}} | wishes)
