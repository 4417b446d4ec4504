#!/bin/sh
# Builds and runs the package of the tutorial, which depends on this one, as a user's package does. A
# tag matters: SwiftPM checks the compiler flags of versioned dependencies only.
#   sh Tests/dependent-package.sh          after pipelines/quickstart.sh
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
model=$root/runs/quickstart/finetune
[ -e "$model/model.safetensors" ] || {
  echo "dependent-package.sh: run pipelines/quickstart.sh first" >&2
  exit 1
}

work=$(mktemp -d)
library=$work/domain-layer-norm
# SwiftPM keeps a copy of the repository in its cache, which is useless afterwards.
clean() {
  for copy in "${HOME:-/nowhere}"/.cache/org.swift.swiftpm/repositories/domain-layer-norm-*; do
    case $(git -C "$copy" config remote.origin.url 2>/dev/null || true) in
    *"$work"*) rm -rf "$copy" ;;
    esac
  done
  rm -rf "$work"
}
trap clean EXIT

# The present state of the working tree, as a repository with a tag.
mkdir "$library"
git ls-files -z --cached --others --exclude-standard Package.swift Sources Tests |
  tar --create --null --files-from=- --ignore-failed-read 2>/dev/null |
  tar --extract --directory "$library"
cd "$library"
git init --quiet
git add --all
git -c user.name=gate -c user.email=gate@localhost commit --quiet --message "1.0.0"
git tag 1.0.0

# Builds and runs the package of the tutorial, which depends on this one in the given way.
tutorial=$root/Sources/Documentation/Documentation.docc/Tutorials
try() {
  rm -rf "$work/tickets"
  mkdir -p "$work/tickets/Sources/tickets"
  cd "$work/tickets"
  sed "s|path: \"../domain-layer-norm\"|$1|" "$tutorial/classify-package.swift" >Package.swift
  for step in 1 2 3; do
    cp "$tutorial/classify-$step.swift" Sources/tickets/main.swift
    swift build --disable-index-store --product tickets
    .build/debug/tickets "$model" >answers
  done
  if ! head -n 1 answers | grep -q '^positive ' || ! grep -qx 'positive A wonderful film.' answers; then
    echo "dependent-package.sh: the program printed:" >&2
    cat answers >&2
    exit 1
  fi
  if .build/debug/tickets "$work/nothing" >answers || ! grep -q 'no such file' answers; then
    echo "dependent-package.sh: without a model the program printed:" >&2
    cat answers >&2
    exit 1
  fi
  # A classifier needs no system library of this project.
  if ldd .build/debug/tickets | grep -E 'archive|xml2'; then
    echo "dependent-package.sh: the library needs these system libraries" >&2
    exit 1
  fi
  # Nor does it need the code that trains.
  if nm .build/debug/tickets | grep -E ' [tT] \$s8Training'; then
    echo "dependent-package.sh: the library links training code" >&2
    exit 1
  fi
  echo "a package that depends on this one by $2 builds and runs"
}

try "url: \"file://$library\", exact: \"1.0.0\"" version
try "path: \"$library\"" path
