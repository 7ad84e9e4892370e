//! Facts: what is on the wire.
//!
//! Everything here is sans-IO: bytes and capture times go in, facts come out. This room knows nothing of rules, files,
//! threads, clocks, serialisation or policy, and never says "blocked".

pub mod attempt;
pub mod decode;
pub mod dtls;
pub mod few;
pub mod flow;
pub mod memory;
pub mod packet;
pub mod quic;
mod shared;
pub mod side;
pub mod tcp;
pub mod time;
pub mod tls;
pub mod x509;
