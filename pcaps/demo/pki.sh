#!/usr/bin/env bash
# Makes the certificates of the demonstration with openssl: pki.sh DIRECTORY
#
# Two authorities. "Innocent Lab Public" is the one that clients trust and servers use. "Lab Interception" is the
# interceptor's: its root is what `hushwire --blocklist` is given. Its leaves imitate what was measured of Kazakhstan's
# interception of 2019 (Raman et al., "Investigating Large Scale HTTPS Interception in Kazakhstan", IMC 2020): subject
# and alternative names of the true certificate, RSA with exponent 3, no other extension, validity shifted by 6 hours.
#
# Keys are made anew each time, guard nothing, and are not kept in the project.
set -euo pipefail

directory=${1:?usage: pki.sh DIRECTORY}
mkdir -p "$directory"
cd "$directory"

ca_days=3650
leaf_days=90
now=$(date +%s)
true_start=$((now - 20 * 86400))
true_end=$((true_start + leaf_days * 86400))
shift_seconds=$((6 * 3600))

utc() { date -u -d "@$1" +%Y%m%d%H%M%SZ; }

key_p256() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
key_rsa() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt "rsa_keygen_pubexp:$2" -out "$1"; }

# root NAME SUBJECT
root() {
    openssl req -x509 -new -key "$1.key" -sha256 -days $ca_days -subj "$2" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# issue ISSUER NAME SUBJECT START END EXTENSIONS: signs a request for NAME.key. `openssl ca` because `openssl x509` sets
# validity by whole days only.
issue() {
    local issuer=$1 name=$2 subject=$3 start=$4 end=$5 extensions=$6
    mkdir -p "issued-$issuer"
    touch "issued-$issuer/index.txt"
    printf '%s\n' "[ca]" "default_ca = lab" "[lab]" "new_certs_dir = issued-$issuer" "database = issued-$issuer/index.txt" \
        "rand_serial = yes" "default_md = sha256" "policy = any" "unique_subject = no" "[any]" "C = optional" \
        "O = optional" "commonName = supplied" "[extensions]" "$extensions" >"$name.cnf"
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    openssl ca -batch -notext -config "$name.cnf" -extensions extensions -cert "$issuer.pem" -keyfile "$issuer.key" \
        -in "$name.csr" -startdate "$(utc "$start")" -enddate "$(utc "$end")" -out "$name.pem" 2>"$name.log" ||
        { cat "$name.log" >&2; return 1; }
}

ca_extensions='basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always'
leaf_extensions='basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always'

# leaf NAME ALTERNATIVE...: the true certificate of a server and its chain file
leaf() {
    local name=$1 names
    names=$(printf 'DNS:%s,' "$@")
    key_p256 "$name.key"
    issue public-intermediate "$name" "/CN=$name" $true_start $true_end "$leaf_extensions
subjectAltName = ${names%,}"
    cat "$name.pem" public-intermediate.pem >"$name.chain.pem"
}

# forgery NAME ALTERNATIVE...: the interceptor's certificate for the same names
forgery() {
    local name=$1 names
    names=$(printf 'DNS:%s,' "$@")
    key_rsa "forged-$name.key" 3
    issue interception-intermediate "forged-$name" "/CN=$name" $((true_start - shift_seconds)) \
        $((true_end - shift_seconds)) "subjectAltName = ${names%,}
subjectKeyIdentifier = none
authorityKeyIdentifier = none"
}

key_p256 public-root.key
root public-root "/C=ZZ/O=Innocent Lab Public/CN=Innocent Lab Public Root"
key_p256 public-intermediate.key
issue public-root public-intermediate "/C=ZZ/O=Innocent Lab Public/CN=Innocent Lab Public CA 1" \
    $true_start $((now + 3 * 365 * 86400)) "$ca_extensions"
key_rsa interception-root.key 65537
root interception-root "/C=ZZ/O=Hushwire Lab/CN=Hushwire Lab Interception Root"
key_rsa interception-intermediate.key 65537
issue interception-root interception-intermediate "/C=ZZ/O=Hushwire Lab/CN=Hushwire Lab Interception CA" \
    $true_start $((now + 365 * 86400)) "$ca_extensions"

leaf www.library.example catalogue.library.example
leaf weather.example maps.example
leaf bank.test school.test
leaf echo.test
leaf news.example en.wiki.example forum.example
leaf radio.test video.test
leaf mail.example
leaf social.test
forgery mail.example
forgery social.test
