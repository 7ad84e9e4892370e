#!/bin/sh
# Counts the instructions that a small capture costs, and compares them with the committed count: a regression shows on
# the busiest machine. callgrind repeats within 5e-6 here; it takes the code for processors without SHA extensions, so
# that hashing weighs more in it than it does elsewhere. Another compiler, C library or processor gives another count: the
# first line of the figures says which they are of, and with others they are shown and not compared. Commit them anew with
# `benches/instructions.sh --update`, and say why in the commit.
set -eu
cd "$(dirname "$0")/.."

TOLERANCE=${TOLERANCE:-30} # per mille
CARGO=${CARGO:-cargo}
figures=benches/instructions.txt

if ! command -v valgrind >/dev/null; then
    echo "instructions: valgrind is not installed, nothing is compared" >&2
    exit 0
fi
# What the count depends on, beside the program.
counted_on() {
    echo "# $(rustc --version), $(getconf GNU_LIBC_VERSION), $(uname -m) with$(
        grep -m 1 '^flags' /proc/cpuinfo | tr ' ' '\n' | grep -xE 'avx2|avx512f|adx|bmi2|erms|fsrm|sha_ni|vaes' |
            sort | tr '\n' ' ' | sed 's/^/ /; s/ $//'
    )"
}

"$CARGO" build --locked --quiet --release -p benches --bins
bin=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() { # kind, size
    "$bin/generate" "$1" "$work/$1.pcap" --size "$2" >/dev/null
    valgrind --tool=callgrind --callgrind-out-file="$work/$1.callgrind" "$bin/engine" "$work/$1.pcap" >/dev/null 2>&1
    echo "$1 $(sed -n 's/^\(summary\|totals\): *\([0-9]*\).*/\2/p' "$work/$1.callgrind" | head -1)"
}

{ counted_on; count handshakes 1000; count bulk 4; count synflood 20000; count mixed 10000; } >"$work/now"

if [ "${1:-}" = --update ]; then
    cp "$work/now" "$figures"
    cat "$figures"
    exit 0
fi
if [ "$(head -1 "$figures")" != "$(head -1 "$work/now")" ]; then
    echo "instructions: not compared, since the committed figures are of $(head -1 "$figures" | cut -c3-)" >&2
    cat "$work/now"
    exit 0
fi
awk -v tolerance="$TOLERANCE" '
    /^#/ { next }
    NR == FNR { committed[$1] = $2; next }
    {
        change = ($2 / committed[$1] - 1) * 1000
        printf "%-12s %12d  committed %12d  %+.1f per mille\n", $1, $2, committed[$1], change
        if (change > tolerance) failed = 1
    }
    END { exit failed }
' "$figures" "$work/now" || { echo "instructions: more than $TOLERANCE per mille over the committed count" >&2; exit 1; }
