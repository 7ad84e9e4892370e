#!/usr/bin/env bash
# Records the demonstration captures anew: record.sh
#
# Needs root, for network namespaces, and: iproute2, ethtool, tcpdump, nginx (Debian: nginx-light), curl, openssl, and the
# box, built first with `cargo build -p pcaps --bin middlebox`. Takes little more than a minute. Everything happens in four network
# namespaces that are made here and removed at the end; nothing outside them is touched or reached. Drawing of the
# network and meaning of the captures: README.md beside this file.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
box=${MIDDLEBOX:-$here/../../target/debug/middlebox}

die() { echo "record.sh: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "needs root, for network namespaces"
for program in ip ethtool tcpdump nginx curl openssl; do
    command -v "$program" >/dev/null || die "needs $program"
done
[ -x "$box" ] || die "needs $box: run \`cargo build -p pcaps --bin middlebox\`, or set MIDDLEBOX"

# --- Network ---------------------------------------------------------------------------------------------------------

prefix=hushwire-$$
client=$prefix-client box_ns=$prefix-box server=$prefix-server interceptor=$prefix-interceptor
work=$(mktemp -d)
daemons=()

cleanup() {
    local status=$?
    trap - EXIT
    [ $status = 0 ] || tail -n 20 "$work"/*.log >&2 || true
    [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null || true
    wait
    for namespace in "$client" "$box_ns" "$server" "$interceptor"; do
        ip netns del "$namespace" 2>/dev/null || true
    done
    rm -rf "$work"
    exit $status
}
trap cleanup EXIT
trap 'exit 130' INT TERM

in_ns() { ip netns exec "$@"; }

# daemon NAMESPACE PROGRAM ARGUMENT... (not by in_ns, whose shell would take the signals meant for the program)
daemon() {
    ip netns exec "$@" >>"$work/daemons.log" 2>&1 &
    daemons+=($!)
}

# port NAMESPACE INTERFACE MAC BOX_INTERFACE: a cable from a host to the box. No offloads, so that every captured frame
# is one that a wire could carry, with its checksum; no address of the kernel's own making, so that it stays silent.
port() {
    local namespace=$1 interface=$2 mac=$3 at_box=$4
    ip -n "$box_ns" link add "$at_box" type veth peer name "$interface" netns "$namespace"
    ip -n "$namespace" link set "$interface" address "$mac"
    for end in "$namespace $interface" "$box_ns $at_box"; do
        # shellcheck disable=SC2086  # two words on purpose
        set -- $end
        in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
        in_ns "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.addr_gen_mode=1"
        ip -n "$1" link set "$2" up
    done
}

client_mac=02:00:00:00:00:01
server_mac=02:00:00:00:00:02
servers=(198.51.100.10 198.51.100.20 203.0.113.30 203.0.113.40 2001:db8:b::10 2001:db8:b::20)

# answer_as_servers NAMESPACE INTERFACE: gives a host the servers' addresses, and the way back to the clients.
answer_as_servers() {
    local namespace=$1 interface=$2 address
    for address in "${servers[@]}"; do
        ip -n "$namespace" address add "$address" dev "$interface"
    done
    ip -n "$namespace" route add default via 192.0.2.1 dev "$interface" onlink
    ip -n "$namespace" route add default via 2001:db8:a::1 dev "$interface" onlink
    ip -n "$namespace" neighbour add 192.0.2.1 lladdr $client_mac dev "$interface"
    ip -n "$namespace" neighbour add 2001:db8:a::1 lladdr $client_mac dev "$interface"
}

for namespace in "$client" "$box_ns" "$server" "$interceptor"; do
    ip netns add "$namespace"
done
port "$client" c0 $client_mac west
port "$server" s0 $server_mac east
port "$interceptor" i0 $server_mac trap
for address in 192.0.2.10/24 192.0.2.11/24 2001:db8:a::10/64; do
    ip -n "$client" address add "$address" dev c0
done
ip -n "$client" route add default via 192.0.2.1
ip -n "$client" route add default via 2001:db8:a::1
ip -n "$client" neighbour add 192.0.2.1 lladdr $server_mac dev c0
ip -n "$client" neighbour add 2001:db8:a::1 lladdr $server_mac dev c0
answer_as_servers "$server" s0
answer_as_servers "$interceptor" i0

# --- Servers, interceptor, box ---------------------------------------------------------------------------------------

"$here/pki.sh" "$work/pki"

# site CERTIFICATE ADDRESS,... NAME...
site() {
    local certificate=$1 addresses=$2 address
    shift 2
    echo "server { server_name $*; ssl_certificate $work/pki/$certificate.chain.pem;"
    echo "ssl_certificate_key $work/pki/$certificate.key;"
    for address in ${addresses//,/ }; do
        echo "listen $address:443 ssl http2;"
    done
    echo 'location / { return 200 "Hello from $host\n"; } }'
}

{
    echo "user nobody nogroup; pid $work/nginx.pid; error_log $work/nginx.log; daemon off; worker_processes 1;"
    echo "events {} http { access_log off; ssl_session_cache shared:lab:1m; ssl_ecdh_curve X25519:prime256v1;"
    echo "ssl_protocols TLSv1.2 TLSv1.3;"
    for kind in client_body proxy fastcgi uwsgi scgi; do
        echo "${kind}_temp_path $work/nginx-$kind;"
    done
    site www.library.example '198.51.100.10,[2001:db8:b::10]' www.library.example catalogue.library.example
    site news.example '198.51.100.10,198.51.100.20,[2001:db8:b::10],[2001:db8:b::20]' \
        news.example en.wiki.example forum.example
    site mail.example 198.51.100.10 mail.example
    site weather.example '198.51.100.20,[2001:db8:b::20]' weather.example maps.example
    site bank.test 203.0.113.30 bank.test school.test
    site radio.test 203.0.113.30 radio.test video.test
    site social.test 203.0.113.30 social.test
    echo "}"
} >"$work/nginx.conf"

daemon "$server" nginx -c "$work/nginx.conf"
daemon "$server" openssl s_server -quiet -www -accept 203.0.113.40:443 \
    -cert "$work/pki/echo.test.pem" -key "$work/pki/echo.test.key" -cert_chain "$work/pki/public-intermediate.pem"

# intercepts NAME ADDRESS
intercepts() {
    daemon "$interceptor" openssl s_server -quiet -www -accept "$2:443" -no_tls1_3 \
        -cert "$work/pki/forged-$1.pem" -key "$work/pki/forged-$1.key" \
        -cert_chain "$work/pki/interception-intermediate.pem"
}
intercepts mail.example 198.51.100.10
intercepts social.test 203.0.113.30

ip netns exec "$box_ns" "$box" "$here/box.toml" west east trap >"$work/decisions.csv" 2>"$work/box.log" &
daemons+=($!)

# --- Clients ---------------------------------------------------------------------------------------------------------

A=192.0.2.10 B=192.0.2.11 A6=2001:db8:a::10
public_root=$work/pki/public-root.pem
lab_root=$work/pki/interception-root.pem

# fetch FROM NAME ADDRESS [CURL_OPTION...]
fetch() {
    local from=$1 name=$2 address=$3
    shift 3
    in_ns "$client" curl --silent --show-error --output /dev/null --max-time 21 --interface "$from" \
        --resolve "$name:443:$address" --cacert "$public_root" "$@" "https://$name/" 2>>"$work/clients.log"
}

# talk FROM NAME ADDRESS [S_CLIENT_OPTION...]: the same by openssl s_client, which can resume a session
talk() {
    local from=$1 name=$2 address=$3
    shift 3
    printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$name" | in_ns "$client" timeout 21 openssl s_client -quiet -bind "$from" \
        -connect "$address:443" -servername "$name" -CAfile "$public_root" -verify_return_error "$@" \
        >>"$work/clients.log" 2>&1
}

resume() {
    talk "$@" -sess_out "$work/session"
    talk "$@" -sess_in "$work/session"
}

fails() { ! "$@" || die "this was to fail, and did not: $*"; }

jobs=()
# at SECONDS COMMAND...: begins a command later, beside the others
at() {
    local delay=$1
    shift
    (trap - EXIT; sleep "$delay"; "$@") &
    jobs+=($!)
}

all_done() {
    local job
    for job in "${jobs[@]}"; do
        wait "$job"
    done
    jobs=()
}

# --- What is recorded ------------------------------------------------------------------------------------------------

healthy() {
    fetch $A www.library.example 198.51.100.10
    fetch $B catalogue.library.example 198.51.100.10 --tls-max 1.2
    fetch $A weather.example 198.51.100.20
    fetch $B maps.example 198.51.100.20 --tls-max 1.2
    fetch $A6 weather.example '[2001:db8:b::20]'
    fetch $A6 www.library.example '[2001:db8:b::10]' --tls-max 1.2
    fetch $A bank.test 203.0.113.30 --http1.1
    fetch $B school.test 203.0.113.30 --tls-max 1.2
    fetch $B echo.test 203.0.113.40
    resume $A www.library.example 198.51.100.10
    resume $B school.test 203.0.113.30 -tls1_2
    talk $A bank.test 203.0.113.30 -groups P-384:P-256 # a HelloRetryRequest: the server does without P-384
}

# Each waits 21 s. The kernel retransmits a hello at doubling intervals, so one copy always falls between 10 and 20 s and
# witnesses a silence that lasts; where the hello was acknowledged, the client's FIN does.
silence() {
    at 0.0 fails fetch $A news.example 198.51.100.10
    at 0.3 fails fetch $B news.example 198.51.100.10 --tls-max 1.2
    at 0.5 fails fetch $A6 news.example '[2001:db8:b::10]'
    at 0.7 fails fetch $A en.wiki.example 198.51.100.20
    at 0.9 fails talk $B en.wiki.example 198.51.100.20
    at 1.0 fails fetch $A radio.test 203.0.113.30
    at 1.1 fails fetch $B radio.test 203.0.113.30
    at 0.2 fetch $A www.library.example 198.51.100.10
    at 5.0 fetch $B catalogue.library.example 198.51.100.10
    at 6.0 fetch $A6 www.library.example '[2001:db8:b::10]'
    at 7.0 fetch $A weather.example 198.51.100.20
    at 8.0 fetch $B bank.test 203.0.113.30
    all_done
}

reset() {
    for from in $A $B; do
        fails fetch $from forum.example 198.51.100.20
        fetch $from maps.example 198.51.100.20
        fails fetch $from video.test 203.0.113.30
        fetch $from school.test 203.0.113.30
    done
    fails fetch $A6 forum.example '[2001:db8:b::20]'
    fetch $A6 weather.example '[2001:db8:b::20]'
    fails talk $B video.test 203.0.113.30 -tls1_2
}

# Some clients were made to install the lab root and notice nothing; the others end with an alert, unknown_ca.
interception() {
    fetch $A mail.example 198.51.100.10 --cacert "$lab_root"
    fetch $A www.library.example 198.51.100.10
    fetch $B mail.example 198.51.100.10 --cacert "$lab_root"
    fails fetch $B mail.example 198.51.100.10
    fetch $A social.test 203.0.113.30 --cacert "$lab_root"
    fetch $A bank.test 203.0.113.30 --tls-max 1.2
    fails talk $A social.test 203.0.113.30
}

# All at once, as on a network where people do different things.
mixed() {
    at 0.0 fails fetch $A news.example 198.51.100.10
    at 0.4 fails fetch $B news.example 198.51.100.10 --max-time 2 # gives up; its host goes on retransmitting
    at 0.8 fails fetch $B radio.test 203.0.113.30
    for second in 0 3 6 9; do
        at $second.1 fetch $A www.library.example 198.51.100.10
        at $second.3 fetch $B catalogue.library.example 198.51.100.10 --tls-max 1.2
        at $second.5 fetch $B weather.example 198.51.100.20
        at $second.6 fetch $A6 maps.example '[2001:db8:b::20]'
        at $second.7 fetch $A bank.test 203.0.113.30
        at $second.8 fetch $B school.test 203.0.113.30 --tls-max 1.2
        at $second.9 fails fetch $A forum.example 198.51.100.20
        at $second.2 fails fetch $B video.test 203.0.113.30
        at $second.4 fetch $A mail.example 198.51.100.10 --cacert "$lab_root"
    done
    at 4.5 fetch $B social.test 203.0.113.30 --cacert "$lab_root"
    all_done
}

# wait_for FILE TEXT WHAT
wait_for() {
    for _ in $(seq 50); do
        ! grep -qs "$2" "$1" || return 0
        sleep 0.1
    done
    die "$3 did not start: $(cat "$1")"
}

# record THEME: runs it with a capture at the client's interface. Each theme has client ports of its own, and only those are
# captured: the kernel goes on retransmitting for silenced clients of the theme before.
record() {
    local theme=$1 seen
    seen=$(wc -l <"$work/decisions.csv")
    first_port=$((first_port + 1000))
    local last_port=$((first_port + 999))
    in_ns "$client" sysctl -qw "net.ipv4.ip_local_port_range=$first_port $last_port"
    ip netns exec "$client" tcpdump -i c0 -s 0 --immediate-mode -U -Z root -w "$work/$theme.pcap" \
        "tcp portrange $first_port-$last_port" 2>"$work/$theme.log" &
    local tcpdump=$!
    daemons+=($tcpdump)
    wait_for "$work/$theme.log" "listening on" tcpdump
    echo "recording $theme"
    "$theme"
    sleep 0.5
    kill $tcpdump
    wait $tcpdump
    unset 'daemons[-1]'
    tail -n +$((seen + 1)) "$work/decisions.csv" | sed "s/^/$theme,/" >>"$work/truth.csv"
}

wait_for "$work/decisions.csv" "^action" "the box"
for attempt in $(seq 20); do
    ! fetch $A www.library.example 198.51.100.10 || break
    [ "$attempt" != 20 ] || die "no server answers: $(cat "$work"/*.log)"
    sleep 0.2
done

echo "capture,$(head -1 "$work/decisions.csv")" >"$work/truth.csv"
themes=(healthy silence reset interception mixed)
first_port=40000
for theme in "${themes[@]}"; do
    record "$theme"
done

mkdir -p "$here/captures"
for theme in "${themes[@]}"; do
    cp "$work/$theme.pcap" "$here/captures/"
done
cp "$work/truth.csv" "$here/"
cp "$lab_root" "$here/lab-root.pem"
cp "$public_root" "$here/public-root.pem"
chown -R --reference="$here" "$here/captures" "$here/truth.csv" "$here"/*.pem
ls -l "$here/captures"
