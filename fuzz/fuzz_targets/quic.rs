//! QUIC datagrams of both ends.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dissectors::quic::fuzz_quic(data));
