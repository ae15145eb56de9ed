"""News of runs for the packages above. Each is sent with `run_id`, inside the transaction that made it true."""

from blinker import Signal

run_started = Signal("the undo window is over; the first message may leave")
run_finished = Signal("no recipient waits any more; some may be in doubt, or canceled")
run_paused = Signal("it rests; the run says why")
run_resumed = Signal("it goes on")
run_failed = Signal("it ended before anything was sent; the run says why")
