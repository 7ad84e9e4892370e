#!/bin/sh
# `make bench`: what the program costs on the four generated captures, as multiples of a bare pcap_loop.
#
# Each round runs every command once, one after the other, over a capture that was read just before; the figures are
# medians over the rounds. Set SCALE below 100 for smaller captures (in percent), ROUNDS, KEEP=1 to keep the captures,
# PEERS=1 to measure tcpdump, argus, ndpiReader and tshark too where they are installed.
set -eu
cd "$(dirname "$0")/.."

SCALE=${SCALE:-100}
ROUNDS=${ROUNDS:-5}
WORK=${WORK:-${TMPDIR:-/tmp}/hushwire-bench}
PEERS=${PEERS:+--peers}
CARGO=${CARGO:-cargo}

"$CARGO" build --locked --quiet --release -p sensor -p benches --bins
bin=${CARGO_TARGET_DIR:-target}/release
mkdir -p "$WORK"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$WORK"' EXIT

capture() { # kind, full size, options of replay
    file=$WORK/$1-$SCALE.pcap
    [ -s "$file" ] || "$bin/generate" "$1" "$file" --size $(($2 * SCALE / 100))
    out=$WORK/out
    # shellcheck disable=SC2086
    "$bin/measure" compare "$file" --title "$1" --rounds "$ROUNDS" $PEERS \
        --run "pcap_loop=$bin/pcap-loop {}" \
        --run "engine alone=$bin/engine {}" \
        --run "engine, huge pages=env GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $bin/engine {}" \
        --run "engine, two workers=$bin/engine --workers 2 {}" \
        --run "hushwire replay, discarding=$bin/hushwire replay --quiet --workers 1 {}" \
        --run "hushwire replay=$bin/hushwire replay --quiet --workers 1 -o $out {}" \
        --run "hushwire replay, two workers=$bin/hushwire replay --quiet --workers 2 -o $out {}" \
        --run "cp eve.json=cp $out/eve.json $out/copy"
    [ -n "${KEEP:-}" ] || rm -f "$file"
}

echo "$(uname -srm), $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
echo "$("$bin/hushwire" --version), $(date -u +%F), scale $SCALE %, $ROUNDS rounds"
capture handshakes 250000
capture bulk 2000
capture synflood 5000000
capture mixed 2000000

one=$WORK/one.pcap
"$bin/generate" synflood "$one" --size 1 >/dev/null
"$bin/measure" compare "$one" --title "one packet" --rounds 11 \
    --run "pcap_loop=$bin/pcap-loop {}" --run "hushwire replay=$bin/hushwire replay --quiet -o $WORK/one {}"
