#!/usr/bin/env bash
# Breaks the published host, its servers and its network at full width, after `make dist`; prints one row per scenario (artifacts/chaos.md).
# The last line is "N passed, N failed, N skipped". Further arguments go to the test run, such as --filter-class "*HostKillTests".
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}
shift || true
log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -f artifacts/chaos.md

filter=("$@")
if [ ${#filter[@]} -eq 0 ]; then
    filter=(--filter-namespace Penstock.EndToEnd.Tests.Chaos)
fi

PENSTOCK_CHAOS=full dotnet test --project tests/Penstock.EndToEnd.Tests -c "$configuration" --no-build --output Normal "${filter[@]}" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
echo
cat artifacts/chaos.md

# All tests of the PostgreSQL source on each other version, unless something else was asked for.
if [ $# -eq 0 ]; then
    PENSTOCK_CHAOS=full eng/versions.sh "$configuration" 14 16 17 18 || versions_failed=1
fi

count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}

if [ "${versions_failed:-0}" -ne 0 ]; then
    failed=$((failed + 1))
fi

# A scenario that did not run proves nothing.
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$passed" -eq 0 ]; }; then
    failed=1
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]
