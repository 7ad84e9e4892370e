//! Blocklist files of every format.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rules::blocklist::fuzz_blocklist(data));
