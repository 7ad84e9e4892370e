//! TCP and UDP headers.

use etherparse::{TcpHeaderSlice, UdpHeaderSlice};

use super::ip::IpHeader;
use super::rest::Rest;
use super::stop::Stop;
use crate::packet::{Endpoint, Ends, Flags, Span, Tcp};
use crate::tcp::seq::Seq;

/// The two ends: an IP header's addresses and a transport header's ports.
pub(super) fn ends(ip: &IpHeader, source: u16, dest: u16) -> Ends {
    Ends { source: Endpoint { addr: ip.source, port: source }, dest: Endpoint { addr: ip.dest, port: dest } }
}

/// A TCP segment's ends, header and payload.
pub(super) fn tcp<'a>(ip: &IpHeader, rest: Rest<'a>) -> Result<(Ends, Tcp, Rest<'a>), Stop> {
    use etherparse::err::tcp::HeaderSliceError::{Content, Len};
    const FIXED: u32 = 20;
    let slice = TcpHeaderSlice::from_slice(rest.bytes()).map_err(|error| match error {
        Len(_) => Stop::Short,
        Content(_) => Stop::Bad,
    })?;
    let header = Tcp {
        seq: Seq(slice.sequence_number()),
        ack: Seq(slice.acknowledgment_number()),
        flags: Flags(rest.u8(13)?),
        window: slice.window_size(),
        options: Span { start: rest.span().start + FIXED, len: slice.slice().len() as u32 - FIXED },
    };
    Ok((ends(ip, slice.source_port(), slice.destination_port()), header, rest.skip(slice.slice().len())?))
}

/// A UDP datagram's ends, the datagram itself with its header and without what follows it, and its payload.
pub(super) fn udp<'a>(ip: &IpHeader, rest: Rest<'a>) -> Result<(Ends, Rest<'a>, Rest<'a>), Stop> {
    const HEADER: usize = 8;
    let slice = UdpHeaderSlice::from_slice(rest.bytes()).map_err(|_| Stop::Short)?;
    let datagram = match usize::from(slice.length()) {
        // Jumbograms (RFC 2675 section 4), and large sends that the hardware is to cut up.
        0 => rest,
        len @ HEADER.. if len <= rest.wire() => rest.limit(len),
        _ => return Err(Stop::Bad),
    };
    Ok((ends(ip, slice.source_port(), slice.destination_port()), datagram, datagram.skip(HEADER)?))
}
