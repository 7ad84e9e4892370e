//! A host: its addresses and the habits of its TCP/IP stack that a passive observer sees.

use std::net::{IpAddr, Ipv4Addr};

/// How a host fills the IPv4 identification field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpIdLaw {
    /// Always this value; Linux sends 0 while nothing forces it to count, several injectors a number of their own.
    Fixed(u16),
    /// Counts up by one a packet from this value.
    Counting(u16),
    /// A new random value a packet.
    Random,
}

/// One end of a connection as the wire shows it.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its address; both ends are of one family.
    pub address: IpAddr,
    /// Its TCP port.
    pub port: u16,
    /// Its link address, or that of the router that stands for it.
    pub mac: [u8; 6],
    /// Initial sequence number.
    pub isn: u32,
    /// How it numbers its IPv4 packets.
    pub ip_id: IpIdLaw,
    /// TTL or hop limit with which its packets leave.
    pub ttl: u8,
    /// Whether it sets "don't fragment" (IPv4).
    pub dont_fragment: bool,
    /// Receive window in bytes; after the SYN the field holds it scaled down.
    pub window: u16,
    /// Maximum segment size that it announces, and by which its peer cuts.
    pub mss: u16,
    /// Window scale option (RFC 7323).
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018).
    pub sack: bool,
    /// Timestamps option (RFC 7323): the value of its clock, in ms, when the story begins.
    pub timestamps: Option<u32>,
    /// Whether its network card computes checksums, after the capture if that is made on the host.
    pub checksum_offload: bool,
}

impl Host {
    /// A Linux desktop at home, behind NAT: 192.0.2.10.
    pub fn client() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)),
            port: 49_152,
            mac: [0x02, 0, 0, 0, 0, 0x0a],
            isn: 0x1357_9bdf,
            ip_id: IpIdLaw::Counting(0x4d10),
            ttl: 64,
            dont_fragment: true,
            window: 64_240,
            mss: 1_460,
            window_scale: Some(7),
            sack: true,
            timestamps: Some(870_123_456),
            checksum_offload: false,
        }
    }

    /// A Linux web server: 198.51.100.80, port 443.
    pub fn server() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 80)),
            port: 443,
            mac: [0x02, 0, 0, 0, 0, 0x50],
            isn: 0xa1b2_c3d4,
            ip_id: IpIdLaw::Counting(0x9c01),
            window: 65_160,
            timestamps: Some(2_204_000_000),
            ..Self::client()
        }
    }
}
