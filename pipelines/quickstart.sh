#!/bin/sh
# Installs the system libraries that are missing (Debian and its kin), builds, and runs the main job
# on the fixtures, end to end, to a report. Arguments go to `pipeline run`.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$*"
  exit 69
}

command -v swift >/dev/null || stop "there is no swift on the PATH; Swift 6.3 is needed"

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
    command -v sudo >/dev/null || stop "as root, first: apt-get install$missing"
  fi
  say "installing:$missing"
  $root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  $root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

swift build
exec swift run --skip-build pipeline run "$@"
