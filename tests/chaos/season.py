"""Trials, one after another, on a theatre that stays between them."""

from typing import Self

from tests.chaos.judge import Verdict
from tests.chaos.plans import Plan
from tests.chaos.theatre import Theatre, theatre
from tests.chaos.trial import Trial


class Season:
    """A theatre in which something broke is replaced by a new one."""

    def __init__(self, engine: str, *, own_server: bool = False) -> None:
        self._engine, self._own_server = engine, own_server
        self._open = None
        self._theatre: Theatre | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._close()

    @property
    def theatre(self) -> Theatre:
        """The present one."""
        if self._theatre is None:
            self._open = theatre(self._engine, own_server=self._own_server)
            self._theatre = self._open.__enter__()
        return self._theatre

    def play(self, wanted: Plan) -> Verdict:
        """The verdict of one trial."""
        broken = True
        try:
            verdict = Trial(self.theatre, wanted).play()
            broken = verdict.stuck
        finally:
            if broken:
                self._close()
        return verdict

    def _close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
        self._open = self._theatre = None
