#!/bin/sh
# Builds and runs a package that depends on a tagged version of this one, as a user's package does. A
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

# Builds and runs a program that depends on this package in the given way.
try() {
  rm -rf "$work/dependent"
  mkdir -p "$work/dependent/Sources/dependent"
  cd "$work/dependent"
  cat >Package.swift <<MANIFEST
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "dependent",
  dependencies: [.package($1)],
  targets: [
    .executableTarget(
      name: "dependent",
      dependencies: [.product(name: "TextClassification", package: "domain-layer-norm")])
  ])
MANIFEST
  cat >Sources/dependent/main.swift <<'PROGRAM'
import Foundation
import TextClassification

let classifier = try TextClassifier(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1]))
let answer = try classifier.predict("A wonderful film, and a wonderful end.")
print(classifier.defaultTask.name, answer.label, answer.known > 0.5)
PROGRAM
  swift build --disable-index-store --product dependent
  answer=$(.build/debug/dependent "$model")
  [ "$answer" = "imdb positive true" ] || {
    echo "dependent-package.sh: the program printed: $answer" >&2
    exit 1
  }
  # A classifier needs no system library of this project.
  if ldd .build/debug/dependent | grep -E 'archive|xml2'; then
    echo "dependent-package.sh: the library needs these system libraries" >&2
    exit 1
  fi
  # Nor does it need the code that trains.
  if nm .build/debug/dependent | grep -E ' [tT] \$s8Training'; then
    echo "dependent-package.sh: the library links training code" >&2
    exit 1
  fi
  echo "a package that depends on this one by $2 builds and runs"
}

try "url: \"file://$library\", exact: \"1.0.0\"" version
try "path: \"$library\"" path
