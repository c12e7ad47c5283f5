#!/usr/bin/env bash
# Runs the tests of the PostgreSQL source on other versions of the server, after a build. Arguments: the configuration, then major versions.
# What is core runs in each test run; PENSTOCK_CHAOS=full runs all of them. Prints a line for each version.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=$1
shift
filter=(--filter-class '*.StreamingTests' '*.ResumeTests' '*.PositionTests' '*.PrerequisiteTests' '*.CheckTests')
if [ "${PENSTOCK_CHAOS:-}" = full ]; then
    filter=()
fi

status=0
for major in "$@"; do
    bin=$(eng/install-postgres.sh "$major") || { status=1; continue; }
    echo "== PostgreSQL $major"
    PENSTOCK_POSTGRES_BIN=$bin dotnet test --project tests/Penstock.PostgresWal.Tests -c "$configuration" --no-build --output Normal \
        --report-xunit --report-xunit-filename "postgres-$major.xunit" --results-directory "$PWD/artifacts/test-results" "${filter[@]}" || status=1
done

exit $status
