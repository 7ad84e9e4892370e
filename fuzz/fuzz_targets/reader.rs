//! Capture files of every format, compressed or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sensor::capture::fuzz_reader(data));
