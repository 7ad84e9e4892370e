//! Chains that were sent compressed.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::tls::fuzz_compressed(data));
