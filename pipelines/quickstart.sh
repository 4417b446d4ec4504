#!/bin/sh
# Installs the system libraries that are missing (Debian and its kin), builds, and runs the main job
# on the fixtures, end to end, to a report. Arguments go to `pipeline run`.
set -eu
cd "$(dirname "$0")/.."

missing=
for package in libarchive-dev libxml2-dev libopenblas-dev pkg-config; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing="$missing $package"
done
if [ -n "$missing" ]; then
  root=
  [ "$(id -u)" -eq 0 ] || root=sudo
  echo "installing:$missing" >&2
  $root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

swift build
exec swift run --skip-build pipeline run "$@"
