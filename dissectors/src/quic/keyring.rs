//! The keys of the Initial packets that were met last.
//!
//! To derive them takes sixteen rounds of SHA-256, ten times what it takes to open a packet; a hello of two packets is
//! opened with the same keys three times, since the first packet is asked whose it is before it has a connection.

use std::fmt;

use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, Prk, Salt};

use super::Side;
use super::cid::ConnectionId;
use super::protection::Keys;
use super::version::Scheme;
use crate::memory::Memory;
use crate::tls::secret::{Suite, TrafficSecret};

/// Keys by what they are derived from.
#[derive(Debug)]
pub(super) struct Keyring {
    initials: Memory<Box<Initial>>,
    /// The salt of the scheme that was met last: nearly all traffic has the same.
    salt: Option<(&'static Scheme, Salt)>,
}

impl Keyring {
    /// Keeps the keys of `limit` connections, 2 kB each.
    pub(super) fn new(limit: usize) -> Self {
        Self { initials: Memory::new(limit), salt: None }
    }

    /// How many connections' keys were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.initials.forgotten()
    }

    /// The keys that `sender` uses for a connection whose client first named the server `id`.
    ///
    /// # Errors
    ///
    /// Those of HKDF, which has none for outputs of this length.
    pub(super) fn keys(
        &mut self,
        scheme: &'static Scheme,
        id: &ConnectionId,
        sender: Side,
    ) -> Result<&Keys, Unspecified> {
        let Self { initials, salt } = self;
        let is_it = |known: &Initial| known.scheme == scheme && known.id == *id;
        let make = || Box::new(Initial::new(scheme, salt_of(scheme, salt), *id));
        initials.recall_or(hash(id), |known| is_it(known), make).ok_or(Unspecified)?.of(sender)
    }
}

/// The salt of a scheme: the last one, if it is the same.
fn salt_of<'a>(scheme: &'static Scheme, last: &'a mut Option<(&'static Scheme, Salt)>) -> &'a Salt {
    if last.as_ref().is_some_and(|(of, _)| *of != scheme) {
        *last = None;
    }
    &last.get_or_insert_with(|| (scheme, Salt::new(HKDF_SHA256, &scheme.salt))).1
}

/// Connection IDs are random where they are as they should be; FNV-1a is for those that are not (Fowler, Noll, Vo).
fn hash(id: &ConnectionId) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = id.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step);
    hash ^ hash >> 32
}

/// The secret of a connection's Initial packets (RFC 9001, section 5.2), and the keys that were asked for.
struct Initial {
    scheme: &'static Scheme,
    id: ConnectionId,
    secret: Prk,
    client: Option<Keys>,
    server: Option<Keys>,
}

impl fmt::Debug for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initial").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Initial {
    fn new(scheme: &'static Scheme, salt: &Salt, id: ConnectionId) -> Self {
        Self { scheme, id, secret: salt.extract(id.as_bytes()), client: None, server: None }
    }

    fn of(&mut self, sender: Side) -> Result<&Keys, Unspecified> {
        let (keys, label) = match sender {
            Side::Client => (&mut self.client, b"tls13 client in"),
            Side::Server => (&mut self.server, b"tls13 server in"),
        };
        if keys.is_none() {
            let secret = TrafficSecret::derived(Suite::AES_128_GCM_SHA256, &self.secret, label)?;
            *keys = Some(Keys::of(&secret, self.scheme.labels)?);
        }
        keys.as_ref().ok_or(Unspecified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iv(keyring: &mut Keyring, scheme: &'static Scheme, id: u8, sender: Side) -> [u8; 12] {
        let id = ConnectionId::new(&[id; 8]).unwrap();
        *keyring.keys(scheme, &id, sender).unwrap().nonce(0).as_ref()
    }

    /// More connections than places, in two schemes and both directions, one among the other: each has its own keys.
    #[test]
    fn keys_are_those_of_their_connection() {
        let mut keyring = Keyring::new(16);
        for _twice in 0..2 {
            for id in 0..100 {
                for scheme in [&Scheme::V1, &Scheme::V2] {
                    for sender in [Side::Client, Side::Server] {
                        let alone = iv(&mut Keyring::new(1), scheme, id, sender);
                        assert_eq!(iv(&mut keyring, scheme, id, sender), alone);
                        assert_eq!(iv(&mut keyring, scheme, id, sender), alone, "again");
                    }
                }
            }
        }
        assert!((400 - 16..400).contains(&keyring.forgotten()), "{}", keyring.forgotten());
    }
}
