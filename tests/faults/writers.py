"""Processes that write at the same time, each row in a transaction of its own with its entry in
the audit log."""

from .servers import manage, start

PROCESSES, THREADS, EACH = 6, 4, 25
WRITES = PROCESSES * THREADS * EACH
WRITER = """
import threading
from django.contrib.auth.models import Group
from django.db import connection, transaction

def write(first):
    for number in range(first, first + {each}):
        with transaction.atomic():
            Group.objects.create(name=f"prov-{{number}}")
    connection.close()

threads = [threading.Thread(target=write, args=[{first} + {each} * n]) for n in range({threads})]
[each.start() for each in threads]
[each.join() for each in threads]
"""
COUNT = """
from django.contrib.auth.models import Group
from portal.audit.models import Entry
rows = Group.objects.filter(name__startswith="prov-")
entries = Entry.objects.filter(model="auth.group", object_id__in=[str(row.pk) for row in rows])
linked = entries.filter(link__isnull=False)
print(rows.count(), entries.count(), linked.count())
"""


def write_at_once(environment) -> str:
    """What went wrong; nothing when all went well."""
    writing = []
    for process in range(PROCESSES):
        script = WRITER.format(each=EACH, threads=THREADS, first=process * THREADS * EACH)
        writing.append(start(environment, "shell", "-v", "0", "-c", script))
    return "".join(each.communicate()[0] for each in writing)


def counted(environment) -> list[int]:
    """Rows, their entries in the log, and those of them that have a place in the chain."""
    said = manage(environment, "shell", "-v", "0", "-c", COUNT).stdout
    return [int(number) for number in said.split()]
