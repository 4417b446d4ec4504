#!/bin/sh
# Installs packages of Debian that are missing, as root or with sudo.
#   sh pipelines/packages.sh PACKAGE...
set -eu

say() { printf '%s\n' "$*" >&2; }

if ! command -v dpkg-query >/dev/null; then
  say "not Debian: assuming that these or their like are installed: $*"
  exit 0
fi
missing=
for package; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0
root=
if [ "$(id -u)" -ne 0 ]; then
  root=sudo
  if ! command -v sudo >/dev/null; then
    say "run as root first: apt-get install$missing"
    exit 69
  fi
fi
say "installing:$missing"
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
