//! Segments of one direction, held against a model.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::tcp::fuzz_reassembly(data));
