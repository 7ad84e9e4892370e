//! Frames of every link type.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::decode::fuzz_decode(data));
