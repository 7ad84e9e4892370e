#!/bin/sh
# Installs what else reads captures, as far as apt-get has it, for `make bench-peers`.
set -eu

if ! command -v apt-get >/dev/null; then
    echo "peers: no apt-get here; tcpdump, tshark, ndpiReader and argus are measured where they are installed" >&2
    exit 0
fi
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
updated=
for peer in tcpdump:tcpdump tshark:tshark ndpiReader:libndpi-bin argus:argus-server; do
    command -v "${peer%%:*}" >/dev/null && continue
    [ -n "$updated" ] || $sudo apt-get update
    updated=yes
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${peer##*:}" ||
        echo "peers: ${peer%%:*} is not to be had, and not measured" >&2
done
