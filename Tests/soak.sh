#!/bin/sh
# Kills each stage and the runner at random times (500 times by default), and makes every system call
# that changes files fail, or kills the process after it. Prints the number of faults at the end.
#   Tests/soak.sh [kills]
set -eu
cd "$(dirname "$0")/.."
SOAK_KILLS=${1:-500} swift test --filter FaultTests 2>&1 | tee .build/soak.log | grep -E '^soak:|failed|error:' || true
tail -1 .build/soak.log
grep -q 'Test run with .* passed' .build/soak.log
