#!/bin/sh
# Installs missing system libraries (on Debian and derivatives), builds the package, and runs the
# quickstart on the fixtures, from archives to a report. Arguments are passed to `pipeline run`.
set -eu
cd "$(dirname "$0")/.."

if ! command -v swift >/dev/null; then
  echo "swift is not on PATH; Swift 6.3 is required" >&2
  exit 69
fi
sh pipelines/packages.sh libarchive-dev libxml2-dev pkg-config
swift build
exec swift run --skip-build pipeline run "$@"
