//! Benches and the capture generator for them.
