//! Captures through everything, with one worker and with two.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sensor::engine::fuzz_engine(data));
