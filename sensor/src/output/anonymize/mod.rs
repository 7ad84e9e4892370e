//! Addresses as outputs show them, where the real ones must not be shown.
//!
//! It changes addresses and nothing else. Ports, times, server names, certificates and the names of capture files stay as
//! they are, also where such a name is itself the text of an address. Whatever is derived from addresses must be derived
//! from the changed ones: a hash of the real ones is soon undone, since all of IPv4 can be tried in seconds.

mod crypto_pan;
mod key;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use dissectors::packet::{Endpoint, Ends};

use self::crypto_pan::CryptoPan;
use self::key::Key;
pub use self::key::KeyError;

/// Bits kept of an IPv4 address: those of a network, as Internet routing knows it.
const KEPT_V4: u32 = 24;
/// Bits kept of an IPv6 address: those of a site (RFC 6177; RFC 3177 before it).
const KEPT_V6: u32 = 48;
/// Bits kept of a 6to4 address, `2002:` and an IPv4 address (RFC 3056, section 2): of that, as many as of any other.
const KEPT_6TO4: u32 = 16 + KEPT_V4;

/// The first 16 bits of a 6to4 address.
const PREFIX_6TO4: u16 = 0x2002;

/// How addresses are to be changed, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anonymize {
    /// Networks are kept and hosts are zero: /24 of IPv4, /48 of IPv6.
    Truncate,
    /// Pseudonyms under the key in this file: what shares a prefix still shares one of the same length.
    Keyed(PathBuf),
}

impl Anonymize {
    /// Its name, as outputs have it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Truncate => "truncate",
            Self::Keyed(_) => "keyed",
        }
    }

    /// Makes it ready. `warn` hears of what is unwise and yet no error.
    ///
    /// # Errors
    ///
    /// If the key cannot be read, or is none.
    pub fn open(&self, warn: &mut dyn FnMut(&dyn fmt::Display)) -> Result<Anonymizer, KeyError> {
        match self {
            Self::Truncate => Ok(Anonymizer(Method::Truncate)),
            Self::Keyed(path) => key::read(path, warn).map(|key| Anonymizer::keyed(&key)),
        }
    }
}

/// Changes addresses: the same address always to the same one, in every run with the same key.
#[derive(Clone, Debug)]
pub struct Anonymizer(Method);

#[derive(Clone, Debug)]
enum Method {
    Truncate,
    Keyed(Box<CryptoPan>),
}

impl Anonymizer {
    fn keyed(key: &Key) -> Self {
        Self(Method::Keyed(Box::new(CryptoPan::new(key))))
    }

    /// What is shown instead of an address. An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) is that of its IPv4
    /// address, mapped: else truncation would make all of them one, and a pseudonym would not look like what it stands for.
    pub fn address(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => self.v4(address).into(),
            IpAddr::V6(address) => {
                address.to_ipv4_mapped().map_or_else(|| self.v6(address), |v4| self.v4(v4).to_ipv6_mapped()).into()
            }
        }
    }

    /// Both ends with their addresses changed.
    pub fn ends(&self, ends: Ends) -> Ends {
        let end = |end: Endpoint| Endpoint { addr: self.address(end.addr), port: end.port };
        Ends { source: end(ends.source), dest: end(ends.dest) }
    }

    fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        match &self.0 {
            Method::Truncate => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << (u32::BITS - KEPT_V4))),
            Method::Keyed(keyed) => keyed.v4(address),
        }
    }

    fn v6(&self, address: Ipv6Addr) -> Ipv6Addr {
        match &self.0 {
            Method::Truncate => truncated(address),
            Method::Keyed(keyed) => keyed.v6(address),
        }
    }
}

fn truncated(address: Ipv6Addr) -> Ipv6Addr {
    let [first, ..] = address.segments();
    let kept = if first == PREFIX_6TO4 { KEPT_6TO4 } else { KEPT_V6 };
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (u128::BITS - kept)))
}

#[cfg(test)]
mod tests;
