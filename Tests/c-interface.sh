#!/bin/sh
# Uses the shared library from C, below valgrind, and from Python, and compares the answers with those of
# the program `predict`.
#   sh Tests/c-interface.sh          after pipelines/quickstart.sh
set -eu
cd "$(dirname "$0")/.."
model=runs/quickstart/finetune
[ -e "$model/model.safetensors" ] || {
  echo "c-interface.sh: run pipelines/quickstart.sh first" >&2
  exit 1
}
swift build --product dlnc
library=.build/debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/texts" <<'TEXTS'
A wonderful film.
The worst film I know.
zzz qqq
TEXTS
"$library/predict" --checkpoint "$model" --task imdb -q "$work/texts" |
  tail -n +2 | cut -f 2-5 >"$work/expected"

# valgrind cannot read all debugging information of Swift.
strip --strip-debug -o "$work/libdlnc.so" "$library/libdlnc.so"
cc -std=c11 -Wall -Wextra -Werror -I Sources/CInterface Tests/c-interface.c \
  -L "$work" -ldlnc -Wl,-rpath,"$work" -o "$work/client"
"$work/client" "$model" imdb <"$work/texts" >"$work/from-c"
cmp "$work/expected" "$work/from-c"
echo "C has the answers of predict"

if command -v valgrind >/dev/null; then
  valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --error-exitcode=9 "$work/client" "$model" imdb <"$work/texts" >/dev/null
  echo "no leak and no invalid access below valgrind"
fi
if command -v python3 >/dev/null; then
  python3 Tests/c-interface.py "$library/libdlnc.so" "$model" imdb <"$work/texts" >"$work/from-python"
  cmp "$work/expected" "$work/from-python"
  echo "Python's ctypes has the answers of predict"
fi
