#!/usr/bin/env bash
# Proves what a stranger is promised: a clone, an empty home, two commands.
#
#   tests/fresh_clone.sh            both
#   tests/fresh_clone.sh run        only `make run`: page answers, a login works
#   tests/fresh_clone.sh test       only `make test`
#
# Works as root and as a plain user. What is committed counts, not what is on disk.
set -euo pipefail

what=${1:-both}
source=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
server=

finish() {
    status=$?
    if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
        kill -TERM "$server" || true
        wait "$server" || true
    fi
    if [ -d "$place/clone" ]; then
        make -s -C "$place/clone" clean || true
    fi
    rm -rf "$place"
    exit "$status"
}
trap finish EXIT

mkdir "$place/home"
# Another user's clone may be the source; git wants to be told that it is trusted.
printf '[safe]\n\tdirectory = *\n' >"$place/gitconfig"
GIT_CONFIG_GLOBAL="$place/gitconfig" git clone --quiet "$source" "$place/clone"
cd "$place/clone"
export HOME="$place/home"
unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR ODOO_HOME ODOO_RC
unset VIRTUAL_ENV PYTHONPATH PGHOST PGUSER

prove_run() {
    port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
    echo "== make run, the first time"
    start_server "$port" 1200
    python3 tests/support/login.py "http://127.0.0.1:$port" admin admin
    stop_server
    echo "== make run, the second time"
    before=$(date +%s)
    start_server "$port" 120
    echo "ready again after $(($(date +%s) - before)) s"
    python3 tests/support/login.py "http://127.0.0.1:$port" admin admin
    stop_server
}

start_server() {
    # Straight from the shell and not by make: make does not hand a signal on.
    PORT=$1 python3 bin/devenv run >"$place/run.log" 2>&1 </dev/null &
    server=$!
    for _ in $(seq "$2"); do
        if grep -q "^Open " "$place/run.log"; then
            cat "$place/run.log"
            return
        fi
        if ! kill -0 "$server" 2>/dev/null; then
            break
        fi
        sleep 1
    done
    cat "$place/run.log"
    echo "make run did not come up" >&2
    exit 1
}

stop_server() {
    kill -TERM "$server"
    wait "$server"
    server=
    cluster=$(python3 -c 'import json; print(json.load(open(".cache/stamps/pg.json"))["home"])')
    if [ -e "$cluster/data/postmaster.pid" ]; then
        echo "PostgreSQL was left running" >&2
        exit 1
    fi
}

case $what in
    run) prove_run ;;
    test) make test ;;
    both)
        prove_run
        make test
        ;;
    *)
        echo "give run, test, or nothing" >&2
        exit 2
        ;;
esac
echo "fresh clone: $what is proven"
