#!/bin/sh
# Builds a release and checks it: its size, the libraries that it needs and, as root, that the quickstart
# runs in a bare Debian, without Swift, and gives the bytes of this build.
#   sh Tests/release.sh          after pipelines/quickstart.sh
set -eu
cd "$(dirname "$0")/.."
expected=$(pwd)/runs/quickstart
fail() {
  echo "release.sh: $*" >&2
  exit 1
}
[ -e "$expected/report/report.json" ] || fail "run pipelines/quickstart.sh first"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sh pipelines/release.sh "$work/release"
archive=$(echo "$work"/release/*.tar.xz)
size=$(stat -c %s "$archive")
[ "$size" -lt 40000000 ] || fail "the archive has $size bytes"
mkdir "$work/unpacked"
tar --extract --file "$archive" --directory "$work/unpacked" --strip-components=1
others=$(objdump -p "$work/unpacked/bin/dlnc" | awk '$1 == "NEEDED" { print $2 }' |
  grep -vE '^(ld-linux.*|libc|libm|libgcc_s)\.so\.[0-9]+$' || true)
[ -z "$others" ] || fail "it needs these libraries:" $others
for completions in "$work"/unpacked/share/bash-completion/completions/*; do bash -n "$completions"; done
echo "an archive of $size bytes, whose program needs the C library only"

# Compares the results in a folder.
compare() {
  for file in train/model.safetensors finetune/model.safetensors report/report.json; do
    cmp "$1/runs/quickstart/$file" "$expected/$file"
  done
}

bare=$work/bare
. /etc/os-release
if [ "$(id -u)" -ne 0 ] || ! unshare --mount true ||
  ! debootstrap --variant=minbase "$VERSION_CODENAME" "$bare" >"$work/log"; then
  (cd "$work/unpacked" && env -i bin/pipeline run >log 2>&1) || fail "$(tail "$work/unpacked/log")"
  compare "$work/unpacked"
  echo "the same bytes; not tested in a bare Debian, which takes root, debootstrap and a network"
  exit 0
fi
# Runs a shell command in the bare Debian.
inside() {
  unshare --mount sh -euc 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" sh -euc "$1"' "$bare" "$1"
}
mv "$work/unpacked" "$bare/release"
inside 'cd /release; bin/pipeline run >log 2>&1' || fail "$(tail "$bare/release/log")"
compare "$bare/release"
echo "the archive gives the same bytes in a bare Debian"

cp "$work"/release/*.deb "$bare/dlnc.deb"
inside 'dpkg --install /dlnc.deb >/dev/null; cp -R /usr/share/doc/dlnc/examples /installed; cd /installed
  dlnc pipeline run >log 2>&1' || fail "$(tail "$bare/installed/log")"
compare "$bare/installed"
echo "the package does so, too"
