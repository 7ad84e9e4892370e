#!/bin/sh
# Makes the certificates of the blocklist's tests anew with openssl 3 (the keys are thrown away). Run it in this folder.
set -eu
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT

# PrintableString, as in the roots whose name the look-alike takes.
cat > "$keys/openssl.cnf" <<'CNF'
[req]
string_mask = nombstr
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
[sub]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical,CA:FALSE
subjectAltName = DNS:www.example.org
authorityKeyIdentifier = keyid
CNF

ec() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -out "$keys/$1.key"; }
rsa() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:"$2" -out "$keys/$1.key"; }

# root NAME SUBJECT
root() {
    openssl req -new -x509 -config "$keys/openssl.cnf" -extensions ca -days 36500 -key "$keys/$1.key" -subj "$2" -out "$1.pem"
}

# issue NAME SUBJECT ISSUER EXTENSIONS
issue() {
    openssl req -new -config "$keys/openssl.cnf" -key "$keys/$1.key" -subj "$2" -out "$keys/$1.csr"
    openssl x509 -req -in "$keys/$1.csr" -CA "$3.pem" -CAkey "$keys/$3.key" -extfile "$keys/openssl.cnf" \
        -extensions "$4" -days 36500 -out "$1.pem" 2> /dev/null
}

# A chain of four of our own.
ec lab-root P-256 && root lab-root "/CN=Lab Root/O=Lab"
ec lab-upper P-256 && issue lab-upper "/CN=Lab Upper/O=Lab" lab-root sub
ec lab-lower P-256 && issue lab-lower "/CN=Lab Lower/O=Lab" lab-upper sub
ec lab-leaf P-256 && issue lab-leaf "/CN=www.example.org" lab-lower leaf

# The name of seven Kazakhstan roots, byte for byte, with a key of our own.
kz="/CN=Information Security Certification Authority/O=ISCA/C=KZ"
rsa alike-root 2048 && root alike-root "$kz"
rsa alike-sub 2048 && issue alike-sub "/CN=Security Certificate/C=KZ" alike-root sub
rsa alike-leaf 2048 && issue alike-leaf "/CN=www.example.org" alike-sub leaf

# Roots whose signatures cannot be verified here: too weak, and a curve that is not implemented.
rsa weak-root 1024 && root weak-root "/CN=Weak Root/O=Lab"
ec weak-leaf P-256 && issue weak-leaf "/CN=www.example.org" weak-root leaf
ec odd-root P-521 && root odd-root "/CN=Odd Root/O=Lab"
ec odd-leaf P-256 && issue odd-leaf "/CN=www.example.org" odd-root leaf

# A product's name.
ec office-root P-256 && root office-root "/C=US/O=Zscaler Inc./CN=Zscaler Intermediate Root CA"
ec office-leaf P-256 && issue office-leaf "/CN=www.example.org" office-root leaf
