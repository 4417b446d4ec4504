#!/bin/sh
# Builds a release, which runs without Swift and without system libraries beyond those of C: one program
# with links for the stages, manual pages, completions, manifests and fixtures; as an archive and, on Debian,
# as a package. Prints the paths of what it wrote.
#   sh pipelines/release.sh [FOLDER]        default: .build-release
set -eu
cd "$(dirname "$0")/.."
build=$(pwd)/.build-release
output=${1:-$build}

sh pipelines/packages.sh binutils libarchive-dev libxml2-dev pkg-config xz-utils \
  libacl1-dev libbz2-dev libicu-dev liblz4-dev liblzma-dev libzstd-dev nettle-dev zlib1g-dev >&2

# The commit, so that the same commit has the same version.
version=$(git log -1 --format=%cd-%h --date=format:%Y.%m.%d)
time=$(git log -1 --format=%ct)
machine=$(uname -m)
name=dlnc-$version-linux-$machine

# A folder with static libraries alone, which the linker therefore takes, and pkg-config files that name it
# and whatever the libraries need. A library without a static variant stays dynamic.
rm -rf "$build/static"
mkdir -p "$build/static"
for library in $(pkg-config --static --libs-only-l libarchive libxml-2.0) -lstdc++; do
  archive=$(cc -print-file-name="lib${library#-l}.a")
  case $library,$archive in
  -lm,*) ;; # part of the C library
  *,/*) ln -sf "$archive" "$build/static/" ;;
  esac
done
for library in libarchive libxml-2.0; do
  cat >"$build/static/$library.pc" <<END
Name: $library
Description: $library with all that it needs, linked statically
Version: $(pkg-config --modversion $library)
Cflags: $(pkg-config --cflags $library)
Libs: -L$build/static $(pkg-config --static --libs $library)
END
done

build() {
  swift build -c release --scratch-path "$build" --static-swift-stdlib \
    --pkg-config-path "$build/static" "$@" >&2
}
build --product multicall
build --product generate-manual

# The archive.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
share=$root/share
mkdir -p "$root/bin" "$share/man/man1" "$share/bash-completion/completions" \
  "$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$root/licences"
strip -o "$root/bin/dlnc" "$build/release/multicall"
programs=$(grep -l '^await Program' Sources/*/main.swift | cut -d/ -f2)
for program in $programs; do ln -s dlnc "$root/bin/$program"; done

"$build/release/generate-manual" "$root/bin/dlnc" --multi-page \
  --date "$(git log -1 --format=%cs)" --output-directory "$share/man/man1"
rm "$share/man/man1/dlnc.help.1"
for page in "$share"/man/man1/*; do
  # `man dlnc train` looks for dlnc-train; empty lines are an error in a manual page.
  sed -i -e '/^\.Xr dlnc\.help /d' -e 's/dlnc\.\([a-z]\)/dlnc-\1/g' -e '/^\.Dt/s/DLNC\./DLNC-/' -e 's/^$/.Pp/' "$page"
  new=$(printf '%s' "${page##*/}" | sed 's/\.\(.*\.\)/-\1/; s/\.\([a-z]*\.1\)/-\1/')
  [ "$new" = "${page##*/}" ] || mv "$page" "${page%/*}/$new"
done
completion() { "$root/bin/$program" --generate-completion-script "$1"; }
for program in dlnc $programs; do
  completion bash >"$share/bash-completion/completions/$program"
  completion zsh >"$share/zsh/site-functions/_$program"
  completion fish >"$share/fish/vendor_completions.d/$program.fish"
done

cp README.md "$root"
git ls-files pipelines/*.yaml fixtures ':!*.py' ':!fixtures/reference' |
  tar --create --files-from=- | tar --extract --directory "$root"
for licence in "$build"/checkouts/*/LICENSE*; do
  package=${licence%/*}
  cp "$licence" "$root/licences/${package##*/}"
done
swift=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
[ ! -e "$swift/share/swift/LICENSE.txt" ] || cp "$swift/share/swift/LICENSE.txt" "$root/licences/swift"
if command -v dpkg-query >/dev/null; then
  for archive in "$build"/static/*.a; do
    package=$(dpkg-query -S "$(readlink -f "$archive")" | cut -d: -f1)
    cp "/usr/share/doc/$package/copyright" "$root/licences/$package"
  done
fi

mkdir -p "$output"
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --directory "$work" "$name" |
  xz --threads=0 >"$output/$name.tar.xz"
echo "$output/$name.tar.xz"

# The package of Debian: stages have common names, so that only dlnc is on PATH.
command -v dpkg-deb >/dev/null || exit 0
tree=$work/tree
documents=$tree/usr/share/doc/dlnc
mkdir -p "$tree/DEBIAN" "$tree/usr/bin" "$tree/usr/lib" "$documents/examples" \
  "$tree/usr/share/bash-completion/completions" "$tree/usr/share/zsh/vendor-completions" \
  "$tree/usr/share/fish/vendor_completions.d"
cp -a "$root/bin" "$tree/usr/lib/dlnc"
ln -s ../lib/dlnc/dlnc "$tree/usr/bin/dlnc"
cp -a "$share/man" "$tree/usr/share"
gzip -9n "$tree"/usr/share/man/man1/*
cp "$share/bash-completion/completions/dlnc" "$tree/usr/share/bash-completion/completions"
cp "$share/zsh/site-functions/_dlnc" "$tree/usr/share/zsh/vendor-completions"
cp "$share/fish/vendor_completions.d/dlnc.fish" "$tree/usr/share/fish/vendor_completions.d"
cp -a "$root/README.md" "$root/licences" "$documents"
cp -a "$root/pipelines" "$root/fixtures" "$documents/examples"
glibc=$(objdump -T "$root/bin/dlnc" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
cat >"$tree/DEBIAN/control" <<END
Package: dlnc
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: $(git log -1 --format='%an <%ae>')
Section: science
Priority: optional
Installed-Size: $(du -sk "$tree/usr" | cut -f1)
Depends: libc6 (>= ${glibc#GLIBC_}), libgcc-s1
Description: train and use small text classifiers
 From several small labelled data sets to one classifier that runs on a CPU,
 with predictions and a report.
END
package=$output/dlnc_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >/dev/null
echo "$package"
