"""What something costs the database, whichever machine it runs on."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

STEPS_AT_A_TIME = 20


def cost_of(act):
    """(queries, what the database did for them): on SQLite the steps of its own machine, which
    is what it reads; None elsewhere."""
    steps = 0

    def step():
        nonlocal steps
        steps += 1

    counts = connection.vendor == "sqlite"
    if counts:
        connection.connection.set_progress_handler(step, STEPS_AT_A_TIME)
    with CaptureQueriesContext(connection) as captured:
        act()
    if counts:
        connection.connection.set_progress_handler(None, STEPS_AT_A_TIME)
    return len(captured), steps * STEPS_AT_A_TIME if counts else None
