//! The way from a frame's link type down to its transport: one loop, one header a turn, to a limited depth.
//!
//! Reads and decides, and keeps nothing: fragments go back to the caller, who resumes when a datagram is whole.

use super::icmp;
use super::ip::{self, IpHeader, IpPayload, Place};
use super::layers::{capwap, wifi};
use super::registry::{self, Next};
use super::rest::Rest;
use super::stop::Stop;
use super::transport;
use super::{DEPTH_LIMIT, Frame, Skip, checksum, protocol};
use crate::packet::{Ends, Packet, Span, Transport};

/// Which checksums are computed. Over whole segments they cost more than all the rest of decoding, so that those are left
/// out unless asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Those of IPv4 headers, and of TCP segments that bear nothing or begin a handshake record. Wrong ones are counted and
    /// not believed: a network card that computes them afterwards makes them wrong where they are captured.
    #[default]
    Sampled,
    /// Those of TCP and UDP too, over every captured byte, and believed.
    Transport,
}

/// What a walk meets that has nothing below it that a layer could read.
#[derive(Clone, Copy, Debug)]
enum Bottom {
    Tcp,
    Udp,
    Icmp(icmp::Version),
    Fragment,
}

/// A fragment, and all that is needed to go on when its datagram is whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    /// The IP header before it.
    pub(super) ip: IpHeader,
    /// What the whole is.
    pub(super) next: Next,
    /// The ports of the datagram that it lies in; 0 of IP's own fragments.
    pub(super) ports: (u16, u16),
    /// Its place in the whole.
    pub(super) place: Place,
    /// Its bytes.
    pub(super) data: Span,
    /// How deep it lies.
    pub(super) depth: u8,
}

/// A walk over one frame, or over a reassembled datagram of it.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    frame: &'a Frame,
    checksums: Checksums,
    next: Next,
    rest: Rest<'a>,
    /// The innermost IP header so far.
    ip: IpHeader,
    /// The ports of the UDP datagram around the innermost tunnel.
    ports: (u16, u16),
    depth: u8,
    /// What the fragment at which the walk ended is a part of, and its place there.
    fragment: Option<(Next, Place)>,
    /// What stands behind the innermost aggregate's frame that was read, and how deep it lies.
    further: Option<(Rest<'a>, u8)>,
    /// Wrong IPv4 header checksums met.
    pub(super) bad_ip_checksums: u64,
    /// Transport checksums that were looked at and are wrong.
    pub(super) bad_transport_checksums: u64,
}

impl<'a> Walk<'a> {
    /// From the frame's link type.
    pub(super) fn of_frame(frame: &'a Frame, checksums: Checksums, rest: Rest<'a>) -> Self {
        let next = Next::Link(frame.link);
        Self {
            frame,
            checksums,
            next,
            rest,
            ip: IpHeader::NONE,
            ports: (0, 0),
            depth: 0,
            fragment: None,
            further: None,
            bad_ip_checksums: 0,
            bad_transport_checksums: 0,
        }
    }

    /// From the frames behind the first of an aggregate, `depth` layers deep.
    pub(super) fn of_aggregate(frame: &'a Frame, checksums: Checksums, rest: Rest<'a>, depth: u8) -> Self {
        Self { next: Next::Aggregate, depth, ..Self::of_frame(frame, checksums, rest) }
    }

    /// From the payload of a datagram made whole by `last`.
    pub(super) fn resumed(frame: &'a Frame, checksums: Checksums, last: &Fragment, rest: Rest<'a>) -> Self {
        let walk = Self::of_frame(frame, checksums, rest);
        Self { next: last.next, ip: last.ip, depth: last.depth, ..walk }
    }

    /// Walks to the end. At a fragment that is [`Skip::FragmentHeld`], and [`Walk::fragment`] tells which.
    pub(super) fn run(&mut self) -> Result<Packet, Skip> {
        match self.descend()? {
            Bottom::Tcp => self.tcp(),
            Bottom::Udp => self.udp(),
            Bottom::Icmp(version) => self.icmp(version),
            Bottom::Fragment => Err(Skip::FragmentHeld),
        }
    }

    /// The fragment at which the walk ended.
    pub(super) fn fragment(&self) -> Option<Fragment> {
        let (next, place) = self.fragment?;
        // IP's own fragments are told apart by IP's own header.
        let ports = if matches!(next, Next::Protocol(_)) { (0, 0) } else { self.ports };
        Some(Fragment { ip: self.ip, next, ports, place, data: self.rest.span(), depth: self.depth })
    }

    /// What stands behind the aggregate's frame that was read, and how deep.
    pub(super) fn further(&self) -> Option<(Rest<'a>, u8)> {
        self.further
    }

    /// Reads header after header.
    fn descend(&mut self) -> Result<Bottom, Skip> {
        while self.depth < DEPTH_LIMIT {
            self.depth += 1;
            let bottom = match self.next {
                next if next.is_ip() => self.ip()?,
                Next::Protocol(protocol) => self.protocol(protocol)?,
                Next::Aggregate => self.aggregate()?,
                Next::CapwapFragment => self.capwap_fragment()?,
                _ => self.layer()?,
            };
            if let Some(bottom) = bottom {
                return Ok(bottom);
            }
        }
        Err(Skip::TooDeep)
    }

    fn layer(&mut self) -> Result<Option<Bottom>, Skip> {
        let layer = self.next.layer()?;
        (self.next, self.rest) = (layer.decode)(self.rest).map_err(|stop| self.skip(stop, layer.name))?;
        Ok(None)
    }

    fn ip(&mut self) -> Result<Option<Bottom>, Skip> {
        match ip::decode(self.rest) {
            Ok((header, payload)) => {
                self.bad_ip_checksums += u64::from(header.bad_checksum);
                self.ip = header;
                self.payload(payload)
            }
            Err(stop) => Err(self.skip(stop, "ip")),
        }
    }

    /// Goes on with a whole payload, stops at a fragment.
    fn payload(&mut self, payload: IpPayload<'a>) -> Result<Option<Bottom>, Skip> {
        let IpPayload { protocol, place, rest } = payload;
        (self.next, self.rest) = (Next::Protocol(protocol), rest);
        if place.is_whole() { Ok(None) } else { self.part(place).map(Some) }
    }

    /// Stops at a part of `next`.
    fn part(&mut self, place: Place) -> Result<Bottom, Skip> {
        if self.rest.is_cut() {
            return Err(Skip::Truncated);
        }
        self.fragment = Some((self.next, place));
        Ok(Bottom::Fragment)
    }

    fn capwap_fragment(&mut self) -> Result<Option<Bottom>, Skip> {
        let (next, place, rest) = capwap::fragment(self.rest).map_err(|stop| self.skip(stop, capwap::LAYER.name))?;
        (self.next, self.rest) = (next, rest);
        self.part(place).map(Some)
    }

    /// Goes on with the first frame of an aggregate.
    fn aggregate(&mut self) -> Result<Option<Bottom>, Skip> {
        let (first, further) = wifi::subframe(self.rest).map_err(|stop| self.skip(stop, wifi::LAYER.name))?;
        // Where it began is where its next frame begins.
        self.further = further.map(|rest| (rest, self.depth.saturating_sub(1)));
        (self.next, self.rest) = (Next::Llc, first);
        Ok(None)
    }

    fn protocol(&mut self, protocol: u8) -> Result<Option<Bottom>, Skip> {
        match protocol {
            protocol::TCP => Ok(Some(Bottom::Tcp)),
            protocol::UDP => Ok(Some(Bottom::Udp)),
            protocol::ICMP => Ok(Some(Bottom::Icmp(icmp::Version::V4))),
            protocol::ICMP_V6 => Ok(Some(Bottom::Icmp(icmp::Version::V6))),
            protocol::V6_FRAGMENT => {
                let payload = ip::v6_fragment(self.rest).map_err(|stop| self.skip(stop, "ipv6_fragment"))?;
                self.payload(payload)
            }
            _ => self.layer(),
        }
    }

    fn tcp(&mut self) -> Result<Packet, Skip> {
        let (ends, tcp, payload) = transport::tcp(&self.ip, self.rest).map_err(|stop| self.skip(stop, "tcp"))?;
        let all = self.checksums == Checksums::Transport;
        let is_wrong = (all || checksum::is_sampled(payload)) && checksum::is_wrong(&ends, protocol::TCP, self.rest);
        self.bad_transport_checksums += u64::from(is_wrong);
        Ok(self.packet(ends, Transport::Tcp(tcp), payload, all && is_wrong))
    }

    fn udp(&mut self) -> Result<Packet, Skip> {
        let (ends, datagram, payload) = transport::udp(&self.ip, self.rest).map_err(|stop| self.skip(stop, "udp"))?;
        let tunnel = registry::tunnel(ends.source.port, ends.dest.port);
        if let Some(Ok(inner)) = tunnel.map(|layer| (layer.decode)(payload)) {
            return self.tunnel(inner, self.packet(ends, Transport::Udp, payload, false));
        }
        let bad_checksum = self.checksums == Checksums::Transport
            && datagram.be16(6) != Ok(NO_CHECKSUM)
            && checksum::is_wrong(&ends, protocol::UDP, datagram);
        self.bad_transport_checksums += u64::from(bad_checksum);
        Ok(self.packet(ends, Transport::Udp, payload, bad_checksum))
    }

    /// Goes on below a UDP datagram, to the depth limit: each turn has used up two layers. What looked like a tunnel and
    /// leads nowhere was the datagram's own payload.
    fn tunnel(&mut self, (next, rest): (Next, Rest<'a>), outer: Packet) -> Result<Packet, Skip> {
        (self.next, self.rest) = (next, rest);
        self.ports = (outer.ends.source.port, outer.ends.dest.port);
        match self.run() {
            Err(Skip::Malformed(_)) => {
                self.further = None;
                Ok(outer)
            }
            inner => inner,
        }
    }

    fn icmp(&self, version: icmp::Version) -> Result<Packet, Skip> {
        match icmp::decode(&self.ip, version, self.rest) {
            Ok((ends, error)) => Ok(self.packet(ends, error, self.rest.limit(0), false)),
            Err(stop) => Err(self.skip(stop, "icmp")),
        }
    }

    fn packet(&self, ends: Ends, transport: Transport, payload: Rest<'_>, bad_checksum: bool) -> Packet {
        Packet {
            frame: self.frame.number,
            time: self.frame.time,
            ends,
            ttl: self.ip.ttl,
            ip_id: self.ip.id,
            dont_fragment: self.ip.dont_fragment,
            transport,
            payload: payload.span(),
            missing: payload.missing(),
            bad_checksum,
        }
    }

    /// A layer's reason as the frame's: bytes that lack were cut off, or else promised and never there.
    #[cold]
    fn skip(&self, stop: Stop, layer: &'static str) -> Skip {
        match stop {
            Stop::Short if self.rest.is_cut() => Skip::Truncated,
            Stop::Short | Stop::Bad => Skip::Malformed(layer),
            Stop::Skip(skip) => skip,
        }
    }
}

/// A UDP checksum that was not computed (RFC 768).
const NO_CHECKSUM: u16 = 0;
