"""Servers of the tests' own: PostgreSQL, Redis, nginx and gunicorn, thrown away afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds that a loaded machine may take


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(**settings):
    """This process's environment without settings of a portal, and with these."""
    foreign = ("PORTAL_", "DJANGO_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "PORTAL_SECRET_KEY": "only-for-the-fault-tests", **settings}


def manage(environment, *arguments, check=True):
    """A finished command: its code and what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if check and done.returncode:
        raise RuntimeError(f"{arguments[0]} went wrong:\n{done.stdout}")
    return done


def start(environment, *arguments, **options):
    """A command that is running."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def ask(url, data=None, headers=None, timeout=PATIENCE):
    """(status, text, headers) of an answer; (0, reason, {}) when there was none."""
    request = urllib.request.Request(url, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode(), answer.headers
    except OSError as fault:
        return 0, str(fault), {}


def wait_for(question, what):
    """Asks until the answer is true."""
    until = time.monotonic() + PATIENCE
    while not question():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not come in {PATIENCE} seconds")
        time.sleep(0.05)


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


# -- PostgreSQL -----------------------------------------------------------------------------


def postgresql_programs():
    """The folder with initdb and pg_ctl, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).parent if program else None


class PostgreSQL:
    """A server that can be stopped and started in the middle of things."""

    def __init__(self, folder):
        self.folder, self.port = Path(folder), free_port()
        self.programs = postgresql_programs()
        # It refuses to run as root; its package made a user for it.
        self.owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.owner:
            shutil.chown(self.folder, "postgres")
            for parent in self.folder.parents:
                if (
                    parent.stat().st_uid == 0
                    and parent != Path("/")
                    and not parent.stat().st_mode & 1
                ):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self.run("initdb", "-U", "portal", "-A", "trust", "--no-sync", "-E", "UTF8",
                 "--locale=C.UTF-8")  # fmt: skip

    def run(self, program, *arguments):
        subprocess.run(
            [*self.owner, self.programs / program, "-D", self.folder / "data", *arguments],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start(self):
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self.folder}"
        )
        self.run("pg_ctl", "-w", "-l", self.folder / "server.log", "-o", options, "start")

    def stop(self):
        self.run("pg_ctl", "-m", "immediate", "stop")

    @property
    def url(self):
        return f"postgres://portal@127.0.0.1:{self.port}/postgres"

    def database(self, name):
        """The address of a new database."""
        self.ask(f"CREATE DATABASE {name}")
        return self.url.removesuffix("postgres") + name

    def ask(self, statement):
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement)


@contextmanager
def postgresql(folder):
    server = PostgreSQL(folder)
    server.start()
    try:
        yield server
    finally:
        subprocess.run(
            [*server.owner, server.programs / "pg_ctl", "-D", server.folder / "data",
             "-m", "immediate", "stop"],
            cwd="/", check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def redis(folder):
    """A Redis that keeps nothing, with its address as `url`."""
    port = free_port()
    with redis_at(port, folder) as process:
        yield process


@contextmanager
def redis_at(port, folder):
    with running(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)]
    ) as process:
        wait_for(lambda: answers(port), "redis")
        process.port, process.url = port, f"redis://127.0.0.1:{port}/1"
        yield process


# -- the portal -----------------------------------------------------------------------------


@contextmanager
def running(command, **options):
    """A process with a group of its own, of which nothing lives on: a worker that did would open
    the files that the next test puts in the same place."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE)
        end(process)


def end(process):
    """Kills a process and all that it started, as when a machine loses its power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not group_lives(process.pid), "the end of a server")


def group_lives(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def portal(environment, *options, port=None, log=subprocess.DEVNULL):
    """A gunicorn as in production, with its address as `url`."""
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn"]
    command += ["--workers", "2", *options, "--bind", f"127.0.0.1:{port}", "portal.wsgi"]
    with running(command, cwd=ROOT, env=environment, stderr=log) as process:
        process.url = f"http://127.0.0.1:{port}"
        wait_for(lambda: ask(f"{process.url}/halsa/")[0] == 200, "gunicorn")
        yield process


@contextmanager
def nginx(configuration: str, folder):
    """nginx in the foreground with the inside of an `http` block."""
    folder = Path(folder)
    path = folder / "nginx.conf"
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{\n{temporary}\naccess_log off;\n{configuration}\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with running([program, "-c", str(path), "-p", str(folder)]) as process:
        yield process
