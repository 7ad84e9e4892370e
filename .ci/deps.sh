#!/bin/sh
# Makes sure of what cargo cannot fetch: a C compiler and libpcap with its headers.
set -eu

links() {
    command -v cc >/dev/null &&
        printf '#include <pcap/pcap.h>\nint main(void) { return pcap_lib_version() == 0; }\n' |
        cc -x c - -lpcap -o /dev/null 2>/dev/null
}

if links; then
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    cat >&2 <<'TEXT'
hushwire needs a C compiler and libpcap with its headers. Install them and try again:
    Fedora, RHEL    dnf install gcc libpcap-devel
    Arch            pacman -S gcc libpcap
    Alpine          apk add build-base libpcap-dev
    macOS           xcode-select --install
TEXT
    exit 1
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=sudo
fi
echo "Installing libpcap-dev and a C compiler with apt-get."
$sudo apt-get update
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev libpcap-dev

if ! links; then
    echo "libpcap is installed, but a program that uses it does not link: is another cc first in PATH?" >&2
    exit 1
fi
