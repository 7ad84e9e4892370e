//! Which layer answers to which number.
//!
//! A new link layer or tunnel is one file in `layers` and its lines here. IP and what ends a walk (TCP, UDP, ICMP,
//! fragments) are not here: `walk` knows them.

use super::Skip;
use super::layers::*;
use super::rest::Rest;
use super::stop::Stop;

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
    /// An IEEE 802.11 frame whose first two bytes may be swapped.
    Wifi,
    /// The frames of an 802.11 aggregate (A-MSDU), one behind the other.
    Aggregate,
    /// A part of a CAPWAP packet, its header first.
    CapwapFragment,
    /// IPv4 or IPv6, as its first four bits say.
    Ip,
}

/// Link types, by LINKTYPE_ number.
static LINKS: &[(&[u16], &Layer)] = &[
    // A frame of a Marvell switch with its tag behind an EtherType (285) is Ethernet.
    (&[ethernet::LINK, 285], &ethernet::LAYER),
    (&[0, 108], &null::LAYER),
    (&[9, 50, 166, 204], &ppp::LAYER),
    (&[51], &pppoe::LAYER),
    (&[100], &llc::LAYER),
    (&[104], &chdlc::LAYER),
    (&[105], &wifi::LAYER),
    (&[107], &frelay::LAYER),
    (&[109], &null::ENC),
    (&[113], &sll::LAYER),
    (&[117], &pflog::LAYER),
    (&[119], &prism::LAYER),
    (&[122], &fixed::FIBRE_CHANNEL),
    (&[127], &radiotap::LAYER),
    (&[138], &fixed::FIREWIRE),
    (&[143], &docsis::LAYER),
    (&[163], &prism::AVS),
    (&[167, 178], &juniper::ETHERNET),
    (&[179], &juniper::PPP),
    (&[180], &juniper::FRAME_RELAY),
    (&[181], &juniper::CHDLC),
    (&[192], &ppi::LAYER),
    (&[197], &erf::LAYER),
    (&[205], &chdlc::WITH_DIRECTION),
    (&[206], &frelay::WITH_DIRECTION),
    (&[219], &mpls::LAYER),
    (&[226], &fixed::SOLARIS),
    (&[239], &nflog::LAYER),
    (&[240], &fixed::NETANALYZER),
    (&[241], &fixed::NETANALYZER_TRANSPARENT),
    (&[242], &fixed::INFINIBAND),
    (&[258], &pktap::LAYER),
    (&[259, 274], &fixed::PREAMBLE),
    (&[276], &sll::LAYER_2),
    (&[281, 284], &fixed::SWITCH_TAG),
    (&[282], &fixed::PREPENDED_TAG),
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
    (&[0x22f3], &trill::LAYER),
    (&[0x8903], &fixed::FABRIC_PATH),
    (&[0x8909], &vlan::CISCO_METADATA),
    (&[0x892f, 0xf1c1], &vlan::SEQUENCE_TAG),
    (&[0x894f], &nsh::LAYER),
    (&[0xdada], &vlan::SWITCH_TAG),
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
    // Ethernet as an IPv6 next header (RFC 8986 section 4.9).
    (&[143], &ethernet::LAYER),
];

/// Tunnels in UDP, by either port. Each of them looks at the payload and leaves it alone ([`Stop::Bad`]) unless it is
/// its own beyond reasonable doubt, since any client may draw these ports for QUIC or DNS.
static UDP_PORTS: &[(u16, &Layer)] = &[
    (1701, &l2tp::LAYER),
    (2152, &gtp::LAYER),
    (3544, &teredo::LAYER),
    (4341, &in_udp::LISP),
    (4754, &in_udp::GRE),
    (4789, &vxlan::LAYER),
    (4790, &vxlan::GENERIC),
    (5072, &in_udp::AYIYA),
    (5247, &capwap::LAYER),
    (6080, &in_udp::GUE),
    (6081, &geneve::LAYER),
    (6635, &mpls::IN_UDP),
    (8472, &vxlan::LAYER),
    (37_008, &tzsp::LAYER),
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
            Self::Wifi => Ok(&wifi::EITHER_ORDER),
            Self::Ip | Self::Aggregate | Self::CapwapFragment => Err(Skip::NotIp),
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
