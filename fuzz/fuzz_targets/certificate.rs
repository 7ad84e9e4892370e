//! Certificates and keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::x509::fuzz_certificate(data));
