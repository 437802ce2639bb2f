#!/bin/sh
# The suite on SQLite, then what asks for the database on PostgreSQL, in a server of the tests' own
# that is thrown away.
# On CI (CI=true) a missing Chromium or PostgreSQL is a failure, elsewhere it is said.
set -u
BIN=${BIN:-.venv/bin}
failed=0

echo "== Testerna på SQLite"
"$BIN/pytest" -n 2 --dist loadgroup "$@" || failed=1

initdb=$(ls -1 /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)
[ -n "$initdb" ] || initdb=$(command -v initdb || true)
if [ -z "$initdb" ]; then
    echo "== PostgreSQL finns inte här: testerna kördes bara på SQLite."
    echo "   På Debian: apt-get install postgresql"
    [ "${CI:-}" = "true" ] && { echo "Fel: på CI måste de köras."; exit 1; }
    exit $failed
fi

echo "== Testerna på PostgreSQL"
bin=$(dirname "$initdb")
folder=$(mktemp -d)
port=$("$BIN/python" -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
# PostgreSQL refuses to run as root; its package made a user for it.
as_owner=""
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_owner="runuser -u postgres --"
fi
stop() {
    (cd / && $as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop) >/dev/null 2>&1
    rm -rf "$folder"
}
trap stop EXIT INT TERM
(cd / && $as_owner "$initdb" -D "$folder/data" -U portal -A trust --no-sync -E UTF8 --locale=C.UTF-8) >"$folder.log" 2>&1 &&
    (cd / && $as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off" start) >>"$folder.log" 2>&1 ||
    { cat "$folder.log"; echo "PostgreSQL kunde inte starta."; exit 1; }
rm -f "$folder.log"
DATABASE_URL="postgres://portal@127.0.0.1:$port/postgres" "$BIN/pytest" -n 2 --dist loadgroup -m "database and not browser" "$@" || failed=1
exit $failed
