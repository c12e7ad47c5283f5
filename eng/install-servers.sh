#!/usr/bin/env bash
# Installs the real servers that the tests and the demo run on, when they are missing.
# Binaries from PATH, or from PENSTOCK_REDIS_SERVER and PENSTOCK_POSTGRES_BIN, are used as they are.
# Arguments name further programs to install when they are missing; program and package have the same name.
set -euo pipefail

missing=()
if [ -z "${PENSTOCK_REDIS_SERVER:-}" ] && ! command -v redis-server >/dev/null; then
    missing+=(redis-server)
fi

has_postgres() {
    [ -n "${PENSTOCK_POSTGRES_BIN:-}" ] && return 0
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}
has_postgres || missing+=(postgresql)

for program in "$@"; do
    command -v "$program" >/dev/null || missing+=("$program")
done

[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. Install them, or name the binaries in PENSTOCK_REDIS_SERVER and PENSTOCK_POSTGRES_BIN." >&2
    exit 1
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo)
fi

echo "Installing ${missing[*]} with apt-get ..."
"${sudo[@]}" apt-get -o DPkg::Lock::Timeout=600 -qq update
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq -y install "${missing[@]}" >/dev/null
