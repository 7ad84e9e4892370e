//! Chains of certificates against the built-in blocklist.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rules::blocklist::fuzz_chain(data));
