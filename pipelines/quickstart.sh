#!/bin/sh
# Installs missing system libraries (on Debian and derivatives), builds the package, and runs the
# quickstart on the fixtures, from archives to a report. Arguments are passed to `pipeline run`.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$*"
  exit 69
}

command -v swift >/dev/null || stop "swift is not on PATH; Swift 6.3 is required"

missing=
if command -v dpkg-query >/dev/null; then
  for package in libarchive-dev libxml2-dev pkg-config; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing="$missing $package"
  done
else
  say "not Debian: libarchive, libxml2 and pkg-config are taken to be there"
fi
if [ -n "$missing" ]; then
  root=
  if [ "$(id -u)" -ne 0 ]; then
    root=sudo
    command -v sudo >/dev/null || stop "run as root first: apt-get install$missing"
  fi
  say "installing:$missing"
  $root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  $root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

swift build
exec swift run --skip-build pipeline run "$@"
