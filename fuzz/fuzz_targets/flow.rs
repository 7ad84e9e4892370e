//! Any packets of a few connections.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::flow::fuzz_flow(data));
