#!/usr/bin/env bash
# Prints which failure scenarios the tests proved, from their xUnit reports in a directory. Fails when one of them was not.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$1

# One line per test, whatever it printed: its result, then its scenarios.
cat "$results"/*.xunit | tr '\n' ' ' | sed 's/<test /\n<test /g' | awk '
    /^<test / {
        match($0, /result="[A-Za-z]*"/)
        line = substr($0, RSTART + 8, RLENGTH - 9)
        while (match($0, /name="Scenario" value="[A-Z0-9]*"/)) {
            scenario = substr($0, RSTART, RLENGTH)
            gsub(/.*value="|"/, "", scenario)
            line = line " " scenario
            $0 = substr($0, RSTART + RLENGTH)
        }
        print line
    }' |
    awk '
    NR == FNR { id = $1; order[++count] = id; sub(/^[^ ]+ /, ""); title[id] = $0; next }
    { for (i = 2; i <= NF; i++) if ($1 == "Pass") passed[$i]++; else if ($1 == "Fail") failed[$i]++; else skipped[$i]++; for (i = 2; i <= NF; i++) seen[$i] = 1 }
    END {
        print "== scenarios"
        for (i = 1; i <= count; i++) {
            id = order[i]
            verdict = failed[id] ? "FAILED" : passed[id] ? "passed" : "NOT SHOWN"
            if (verdict != "passed") bad = 1
            printf "%-5s %-9s %3d test(s)  %s\n", id, verdict, passed[id] + failed[id], title[id]
        }
        for (id in seen) if (!(id in title)) { printf "%s is named by a test and unknown to eng/scenarios.txt\n", id; bad = 1 }
        exit bad
    }' eng/scenarios.txt -
