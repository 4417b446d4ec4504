#!/bin/sh
# Kills each stage and the runner so many times at random moments (500 unless told), and lets every
# call that changes files fail, or be the last, in every way. Ends with what was done to whom.
#   Tests/soak.sh [kills]
set -eu
cd "$(dirname "$0")/.."
SOAK_KILLS=${1:-500} swift test --filter FaultTests 2>&1 | tee .build/soak.log | grep -E '^soak:|failed|error:' || true
tail -1 .build/soak.log
grep -q 'Test run with .* passed' .build/soak.log
