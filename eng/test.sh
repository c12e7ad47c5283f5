#!/usr/bin/env bash
# Builds, checks, publishes and tests everything; the last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}
log=$(mktemp)
versions_log=$(mktemp)
trap 'rm -f "$log" "$versions_log"' EXIT

step() {
    echo "== $1"
    shift
    "$@" || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
}

step "build" dotnet build Plugins.sln -c "$configuration" -v quiet
step "format" dotnet format Plugins.sln --verify-no-changes --no-restore
step "dist" dotnet publish Plugins.sln -c "$configuration" --no-build -v quiet
step "pack" dotnet pack sdk/Penstock.Sdk/Penstock.Sdk.csproj -c "$configuration" -o artifacts/packages -v quiet

rm -rf artifacts/chaos-short.md artifacts/test-results

# One project at a time: servers and load of one must not starve the deadlines of another.
echo "== test"
dotnet test --solution Plugins.sln -c "$configuration" --no-build --max-parallel-test-modules 1 --output Normal \
    --report-xunit --results-directory "$PWD/artifacts/test-results" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

eng/versions.sh "$configuration" 18 2>&1 | tee "$versions_log"
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1

# The short run of what `make chaos` does at full width.
if [ -f artifacts/chaos-short.md ]; then
    cat artifacts/chaos-short.md
fi

eng/scenarios.sh artifacts/test-results || status=1

# Again at the end, where one looks first.
grep -h -E -A 12 '^failed ' "$log" "$versions_log" | head -n 100

# The last summary of each log.
count() {
    for file in "$log" "$versions_log"; do
        sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$file" | tail -n 1
    done | awk '{ sum += $1 } END { print sum + 0 }'
}
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)

if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1
fi

# A skipped test proves nothing: on CI it counts as a failure.
if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    echo "$skipped test(s) were skipped on CI" >&2
    status=1
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
