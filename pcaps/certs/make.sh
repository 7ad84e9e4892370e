#!/bin/sh
# Makes the certificates of our own (demo-*, lookalike-*, revoked-*) afresh. The others are public material: README.md.
#
# The private keys are thrown away: the builder writes handshakes that a passive observer cannot tell from real ones
# and signs nothing. A new run gives new keys and serials, so `make-cases` must run after it.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `openssl ca` only because it can date a certificate; PrintableString and C before CN as in the roots of 2019.
cat >"$work/ca.cnf" <<CONF
[req]
distinguished_name = asked
string_mask = default
[asked]
[ca]
default_ca = ours
[ours]
database = $work/index
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
preserve = yes
default_startdate = 20250101000000Z
default_enddate = 20450101000000Z
[any]
countryName = optional
organizationName = optional
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = \${ENV::NAMES}
authorityKeyIdentifier = keyid
CONF
: >"$work/index"
export NAMES=DNS:example

# issue NAME SUBJECT EXTENSIONS ISSUER: a certificate signed by ISSUER, which may be itself
issue() {
    openssl req -config "$work/ca.cnf" -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "$2"
    signer="-cert $4.pem -keyfile $work/$4.key"
    [ "$1" != "$4" ] || signer="-selfsign -keyfile $work/$1.key"
    # shellcheck disable=SC2086 # the signer is several words
    openssl ca -config "$work/ca.cnf" $signer -in "$work/$1.csr" -out "$1.pem" -extensions "$3" -batch -notext
}

# field N CERTIFICATE [inner]: the N-th element of the certificate's body (1 serial, 3 issuer) in base64, as DER or inner
# octets only
field() {
    certificate=$2
    place=$(openssl asn1parse -in "$2.pem" | grep ':d=2 ' | sed -n "$(($1 + 1))p" |
        sed -E 's/^ *([0-9]+):d=2 +hl=([0-9]+) +l= *([0-9]+).*/\1 \2 \3/')
    # shellcheck disable=SC2086 # offset, header length, content length
    set -- $place "${3:-}"
    [ "$4" = inner ] && start=$(($1 + $2)) && length=$3 || { start=$1 && length=$(($2 + $3)); }
    openssl x509 -in "$certificate.pem" -outform der | tail -c +$((start + 1)) | head -c "$length" | openssl base64 -A
}

{
    issue demo-root '/O=Hushwire test material/CN=Hushwire demo root' authority demo-root
    issue demo-intermediate '/O=Hushwire test material/CN=Hushwire demo intermediate' authority demo-root
    NAMES=DNS:www.example issue demo-leaf '/CN=www.example' server demo-intermediate

    # The names of 2019, byte for byte, and keys that are not theirs.
    issue lookalike-root '/C=KZ/CN=Qaznet Trust Network' authority lookalike-root
    issue lookalike-intermediate '/C=KZ/CN=Security Certificate' authority lookalike-root
    NAMES=DNS:look.example issue lookalike-leaf '/CN=look.example' server lookalike-intermediate

    issue revoked-intermediate '/O=Hushwire test material/CN=Hushwire revoked intermediate' authority demo-root
    NAMES=DNS:revoked.example issue revoked-leaf '/CN=revoked.example' server revoked-intermediate
} 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
rm demo-root.pem lookalike-root.pem # no server sends its root

cat >revoked-onecrl.json <<JSON
{
  "data": [
    {
      "schema": 1,
      "details": {"bug": "", "who": "", "why": "test material", "name": "", "created": ""},
      "enabled": true,
      "issuerName": "$(field 3 revoked-intermediate)",
      "serialNumber": "$(field 1 revoked-intermediate inner)",
      "id": "00000000-0000-4000-8000-000000000001",
      "last_modified": 1
    }
  ]
}
JSON
