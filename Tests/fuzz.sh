#!/bin/sh
# Runs libFuzzer with the address sanitiser on each target, 600 seconds each unless told.
#   Tests/fuzz.sh [seconds] [target…]
# What is found goes to Tests/FuzzTests/corpus/<target>/, which the tests replay.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-600}
[ $# -eq 0 ] || shift
# The Swift compiler heeds the last -sanitize= alone, and the package manager gives the two in no
# fixed order; both at once see to addresses and to coverage.
FUZZ=1 swift build --product fuzz --sanitize address --sanitize fuzzer \
  -Xswiftc -sanitize=address,fuzzer --scratch-path .build-fuzz
status=0
all="archive tweets reviews tables objects rows html vectors tokenizers tensors models manifest"
for target in ${*:-$all}; do
  mkdir -p ".build-fuzz/corpus/$target"
  # Memory that the libraries keep for good is no leak of ours; a busy machine is no endless loop.
  FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=0 .build-fuzz/debug/fuzz \
    -max_total_time="$seconds" -max_len=8192 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="Tests/FuzzTests/corpus/$target/" \
    ".build-fuzz/corpus/$target" "Tests/FuzzTests/corpus/$target" \
    >".build-fuzz/$target.log" 2>&1 || status=1
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' ".build-fuzz/$target.log")
  found=$(grep -c 'SUMMARY:' ".build-fuzz/$target.log" || true)
  echo "fuzz: $target: ${runs:-0} executions, $found found, see .build-fuzz/$target.log"
done
exit $status
