#!/bin/sh
# Runs libFuzzer with the address sanitizer on each target, for 600 seconds each by default.
#   Tests/fuzz.sh [seconds] [target…]
# Inputs that crash are saved in Tests/FuzzTests/corpus/<target>/, which the tests replay.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-600}
[ $# -eq 0 ] || shift
# The Swift compiler uses only the last -sanitize=, and the package manager passes the two in no
# fixed order; this flag enables both.
FUZZ=1 swift build --product fuzz --sanitize address --sanitize fuzzer \
  -Xswiftc -sanitize=address,fuzzer --scratch-path .build-fuzz
status=0
all="archive formats tweets reviews encodings dialects tables objects rows html vectors"
all="$all exports workbooks tokenizers tensors models manifest"
for target in ${*:-$all}; do
  mkdir -p ".build-fuzz/corpus/$target"
  # No leak detection, because the libraries keep memory until exit; a long timeout for busy machines.
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
