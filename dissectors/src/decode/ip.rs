//! IPv4 and IPv6 headers, and the fragments that they announce.

use std::net::{IpAddr, Ipv4Addr};

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};

use super::checksum;
use super::rest::Rest;
use super::stop::Stop;

/// What an IP header says of the packet under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IpHeader {
    pub(super) source: IpAddr,
    pub(super) dest: IpAddr,
    pub(super) ttl: u8,
    /// IPv4 only.
    pub(super) id: Option<u16>,
    pub(super) dont_fragment: bool,
    /// Whether the checksum of an IPv4 header was wrong.
    pub(super) bad_checksum: bool,
}

/// What an IP header is followed by.
#[derive(Clone, Copy, Debug)]
pub(super) struct IpPayload<'a> {
    /// The protocol or extension header; of a fragment, that of the whole.
    pub(super) protocol: u8,
    /// Which part of the datagram this is.
    pub(super) place: Place,
    /// The bytes, without padding.
    pub(super) rest: Rest<'a>,
}

/// A payload's place in its datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// What identifies the datagram among those of the same ends: 16 bits in IPv4, 32 in IPv6.
    pub(super) id: u32,
    /// Where its first byte belongs.
    pub(super) offset: usize,
    /// Whether others follow.
    pub(super) more: bool,
}

impl IpHeader {
    /// Before any was met.
    pub(super) const NONE: Self = Self {
        source: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        dest: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        ttl: 0,
        id: None,
        dont_fragment: false,
        bad_checksum: false,
    };
}

impl Place {
    /// Of an IPv6 packet without fragment header.
    const WHOLE: Self = Self { id: 0, offset: 0, more: false };

    /// Whether this is the whole datagram: no fragment, or an atomic one (RFC 6946).
    pub(super) fn is_whole(self) -> bool {
        self.offset == 0 && !self.more
    }
}

/// Fragment offsets count units of eight bytes (RFC 791 section 3.1).
pub(super) const FRAGMENT_UNIT: usize = 8;

/// Reads an IPv4 or IPv6 header, told apart by the version, whatever the layer above said.
pub(super) fn decode(rest: Rest<'_>) -> Result<(IpHeader, IpPayload<'_>), Stop> {
    match rest.u8(0)? >> 4 {
        4 => v4(rest),
        6 => v6(rest),
        _ => Err(Stop::Bad),
    }
}

fn v4(rest: Rest<'_>) -> Result<(IpHeader, IpPayload<'_>), Stop> {
    use etherparse::err::ipv4::HeaderSliceError::{Content, Len};
    let slice = Ipv4HeaderSlice::from_slice(rest.bytes()).map_err(|error| match error {
        Len(_) => Stop::Short,
        Content(_) => Stop::Bad,
    })?;
    let header = IpHeader {
        source: slice.source_addr().into(),
        dest: slice.destination_addr().into(),
        ttl: slice.ttl(),
        id: Some(slice.identification()),
        dont_fragment: slice.dont_fragment(),
        bad_checksum: !checksum::is_right(slice.slice()),
    };
    let place = Place {
        id: slice.identification().into(),
        offset: usize::from(slice.fragments_offset().value()) * FRAGMENT_UNIT,
        more: slice.more_fragments(),
    };
    let len = slice.slice().len();
    let payload = rest.skip(len)?;
    let rest = match usize::from(slice.total_len()) {
        // Large segments that the hardware is to cut up are captured with a total length of 0.
        0 => payload,
        total => payload.limit(total.checked_sub(len).ok_or(Stop::Bad)?),
    };
    Ok((header, IpPayload { protocol: slice.protocol().0, place, rest }))
}

fn v6(rest: Rest<'_>) -> Result<(IpHeader, IpPayload<'_>), Stop> {
    let slice = Ipv6HeaderSlice::from_slice(rest.bytes()).map_err(|_| Stop::Short)?;
    let header = IpHeader {
        source: slice.source_addr().into(),
        dest: slice.destination_addr().into(),
        ttl: slice.hop_limit(),
        id: None,
        dont_fragment: true,
        bad_checksum: false,
    };
    let payload = rest.skip(slice.slice().len())?;
    let rest = match usize::from(slice.payload_length()) {
        // Jumbograms (RFC 2675), and large segments for the hardware.
        0 => payload,
        len => payload.limit(len),
    };
    Ok((header, IpPayload { protocol: slice.next_header().0, place: Place::WHOLE, rest }))
}

/// IPv6's fragment header (RFC 8200 section 4.5).
pub(super) fn v6_fragment(rest: Rest<'_>) -> Result<IpPayload<'_>, Stop> {
    let place = rest.be16(2)?;
    let place = Place { id: rest.be32(4)?, offset: usize::from(place & 0xfff8), more: place & 1 == 1 };
    Ok(IpPayload { protocol: rest.u8(0)?, place, rest: rest.skip(8)? })
}
