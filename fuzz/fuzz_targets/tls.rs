//! One side of a TLS stream, cut in any way.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::tls::fuzz_tls(data));
