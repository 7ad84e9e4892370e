#!/bin/sh
# `make static`: a program that needs no library of the machine that it runs on. Debian's libpcap would bring D-Bus along, of
# which there is no library to link, so libpcap is built from Debian's source without what capturing from a network does not
# need, once.
set -eu
cd "$(dirname "$0")/.."

CARGO=${CARGO:-cargo}
TARGET=${TARGET:-$(rustc -vV | sed -n 's/^host: //p')}
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$target/libpcap

# Debian's source of libpcap, from where this machine has its packages, without a change to its list of those places.
fetch() {
    mkdir -p "$work/sources" "$work/lists/partial"
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n 's/^deb /deb-src /p' >"$work/sources/sources.list"
    for described in /etc/apt/sources.list.d/*.sources; do
        [ ! -f "$described" ] || sed 's/^Types:.*/Types: deb-src/' "$described" >"$work/sources/${described##*/}"
    done
    options="-o Dir::Etc::SourceList=- -o Dir::Etc::SourceParts=$work/sources -o Dir::State::Lists=$work/lists"
    # shellcheck disable=SC2086
    apt-get $options -o APT::Sandbox::User=root update
    # shellcheck disable=SC2086
    (cd "$work" && apt-get $options -o APT::Sandbox::User=root source libpcap)
}

compile() {
    cd "$work"/libpcap-*/
    ./configure --quiet --disable-shared --disable-dbus --disable-bluetooth --disable-usb --disable-rdma --without-libnl
    make -s -j"$(nproc)" libpcap.a
    mkdir -p "$work/lib"
    cp libpcap.a "$work/lib/"
}

for tool in dpkg-source flex bison make; do
    command -v $tool >/dev/null && continue
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends dpkg-dev flex bison make
    break
done
[ -d "$work"/libpcap-*/ ] 2>/dev/null || fetch
[ -f "$work/lib/libpcap.a" ] || (compile)

# The triple is named so that build scripts and macros, which run here, are linked as usual.
LIBPCAP_LIBDIR=$work/lib RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static" \
    "$CARGO" build --locked --release -p sensor --bin hushwire --target "$TARGET"
program=$target/$TARGET/release/hushwire
if ldd "$program" 2>&1 | grep -q '=>'; then
    ldd "$program" >&2
    echo "static: the program still needs libraries" >&2
    exit 1
fi
ls -l "$program"
