//! Which layer answers to which number.
//!
//! A new link layer or tunnel is one file in `layers` and its lines here. IP and what ends a walk (TCP, UDP, ICMP,
//! fragments) are not here: `walk` knows them.

use super::Skip;
use super::layers::*;
use super::rest::Rest;

/// A layer below IP, or one between two IP headers.
#[derive(Debug)]
pub(super) struct Layer {
    /// Its name in the counts of malformed frames.
    pub(super) name: &'static str,
    /// Reads its header.
    pub(super) decode: fn(Rest<'_>) -> Decoded<'_>,
}

/// What follows a header, and where.
pub(super) type Decoded<'a> = Result<(Next, Rest<'a>), Stop>;

/// What follows a header: a number and whose number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A LINKTYPE_ of <https://www.tcpdump.org/linktypes.html>.
    Link(u16),
    /// An EtherType.
    EtherType(u16),
    /// A PPP protocol number.
    Ppp(u16),
    /// An IP protocol or IPv6 extension header number.
    Protocol(u8),
    /// IEEE 802.2 logical link control.
    Llc,
    /// IPv4 or IPv6, as its first four bits say.
    Ip,
}

/// Why a layer cannot say what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end in its header.
    Short,
    /// The header contradicts itself; a UDP payload is something else.
    Bad,
    /// The frame is understood and holds nothing for us.
    Skip(Skip),
}

/// Link types, by LINKTYPE_ number.
static LINKS: &[(&[u16], &Layer)] = &[
    (&[ethernet::LINK], &ethernet::LAYER),
    (&[0, 108], &null::LAYER),
    (&[9, 50, 166, 204], &ppp::LAYER),
    (&[51], &pppoe::LAYER),
    (&[104], &chdlc::LAYER),
    (&[105], &wifi::LAYER),
    (&[113], &sll::LAYER),
    (&[119], &prism::LAYER),
    (&[127], &radiotap::LAYER),
    (&[163], &prism::AVS),
    (&[192], &ppi::LAYER),
    (&[239], &nflog::LAYER),
    (&[276], &sll::LAYER_2),
];

/// EtherTypes; those of IP are known to [`Next::is_ip`].
static ETHERTYPES: &[(&[u16], &Layer)] = &[
    (&[0x8100, 0x88a8, 0x9100, 0x9200, 0x9300], &vlan::LAYER),
    (&[0x8926], &vlan::VN_TAG),
    (&[0x893f], &vlan::E_TAG),
    (&[0x8847, 0x8848], &mpls::LAYER),
    (&[0x8864], &pppoe::LAYER),
    (&[0x880b], &ppp::LAYER),
    (&[0x88be], &erspan::LAYER_2),
    (&[0x22eb], &erspan::LAYER_3),
    (&[0x88e5], &macsec::LAYER),
    (&[0x88e7], &backbone::LAYER),
    (&[0x6558], &ethernet::LAYER),
];

/// PPP protocols; those of IP are known to [`Next::is_ip`].
static PPP_PROTOCOLS: &[(&[u16], &Layer)] = &[(&[0x0281, 0x0283], &mpls::LAYER), (&[0x0031], &ppp::BRIDGED)];

/// IP protocols and IPv6 extension headers.
static PROTOCOLS: &[(&[u8], &Layer)] = &[
    (&[0, 43, 60, 135, 139, 140], &extension::LAYER),
    (&[47], &gre::LAYER),
    (&[51], &extension::AUTHENTICATION),
    (&[97], &etherip::LAYER),
    (&[115], &l2tp::OVER_IP),
    (&[137], &mpls::LAYER),
];

/// Tunnels in UDP, by either port. Each of them looks at the payload and leaves it alone ([`Stop::Bad`]) unless it is
/// its own beyond reasonable doubt, since any client may draw these ports for QUIC or DNS.
static UDP_PORTS: &[(u16, &Layer)] = &[
    (1701, &l2tp::LAYER),
    (2152, &gtp::LAYER),
    (3544, &teredo::LAYER),
    (4789, &vxlan::LAYER),
    (4790, &vxlan::GENERIC),
    (5247, &capwap::LAYER),
    (6081, &geneve::LAYER),
    (6635, &mpls::IN_UDP),
    (8472, &vxlan::LAYER),
];

impl Next {
    /// Whether an IP header follows.
    #[inline]
    pub(super) fn is_ip(self) -> bool {
        match self {
            Self::EtherType(0x0800 | 0x86dd) | Self::Ip => true,
            Self::Protocol(4 | 41) => true,
            Self::Ppp(0x0021 | 0x0057) => true,
            // LINKTYPE_ RAW, IPV4 and IPV6; 12 and 14 are the DLT_ numbers of RAW, which some writers put into files.
            Self::Link(12 | 14 | 101 | 228 | 229) => true,
            _ => false,
        }
    }

    /// The layer that follows, unless IP or a transport does.
    pub(super) fn layer(self) -> Result<&'static Layer, Skip> {
        match self {
            Self::Link(number) => find(LINKS, number).ok_or(Skip::UnknownLink),
            Self::EtherType(number) => find(ETHERTYPES, number).ok_or(Skip::NotIp),
            Self::Ppp(number) => find(PPP_PROTOCOLS, number).ok_or(Skip::NotIp),
            Self::Protocol(number) => find(PROTOCOLS, number).ok_or(Skip::OtherProtocol),
            Self::Llc => Ok(&llc::LAYER),
            Self::Ip => Err(Skip::NotIp),
        }
    }

    /// Whether the number is one that we go on reading, or ARP: what makes a guessed Ethernet header plausible.
    pub(super) fn is_known(self) -> bool {
        self.is_ip() || self == Self::EtherType(0x0806) || self.layer().is_ok()
    }
}

/// The tunnel that owns one of the two ports of a UDP datagram, the destination's first.
pub(super) fn tunnel(source: u16, dest: u16) -> Option<&'static Layer> {
    let owner = |port| UDP_PORTS.iter().find(|row| row.0 == port).map(|row| row.1);
    owner(dest).or_else(|| owner(source))
}

fn find<N: PartialEq>(table: &'static [(&'static [N], &'static Layer)], number: N) -> Option<&'static Layer> {
    table.iter().find(|row| row.0.contains(&number)).map(|row| row.1)
}
