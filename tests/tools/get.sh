#!/bin/sh
# Unpacks the programs of others that judge this one into $SKILLHOST_TOOLS: cosign, oras and docker-registry, and with the
# argument `wkg` also wkg, which takes a while to compile. Changes nothing outside that folder; a second run does nothing.
set -eu
tools=${SKILLHOST_TOOLS:?name a folder that is kept between runs}
mkdir -p "$tools/bin"

# The mirror is the one that this machine is configured to use.
mirror() {
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk -v codename="$codename" '$2 == codename { print $1; exit }'
}

# Packages of Debian sid, by an apt whose every folder is private.
unpack() {
    apt=$tools/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/root"
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$key] $(mirror) sid main" >"$apt/sources.list"
    options="-o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$apt/lists
        -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root"
    # shellcheck disable=SC2086 # the options are several words
    apt-get $options -qq update
    # shellcheck disable=SC2086
    (cd "$apt/cache" && apt-get $options -qq download "$@")
    for package in "$@"; do
        dpkg -x "$apt/cache/$package"_*.deb "$apt/root"
        ln -sf "$apt/root/usr/bin/$package" "$tools/bin/$package"
    done
    rm -rf "$apt/lists" "$apt/cache"
}

missing=
for package in cosign oras docker-registry; do
    [ -x "$tools/bin/$package" ] || missing="$missing $package"
done
# shellcheck disable=SC2086
[ -z "$missing" ] || unpack $missing

if [ "${1:-}" = wkg ] && [ ! -x "$tools/bin/wkg" ]; then
    CARGO_TARGET_DIR=$tools/wkg-target cargo install wkg --version 0.16.1 --locked --root "$tools"
fi
