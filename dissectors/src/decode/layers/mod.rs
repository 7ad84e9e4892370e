//! The link layers and tunnels, each a small file with a [`Layer`](super::registry::Layer).
//!
//! A layer reads its own header and says what follows. It knows neither IP addresses nor flows nor its neighbours.

pub(super) mod backbone;
pub(super) mod capwap;
pub(super) mod chdlc;
pub(super) mod docsis;
pub(super) mod erf;
pub(super) mod erspan;
pub(super) mod etherip;
pub(super) mod ethernet;
pub(super) mod extension;
pub(super) mod fixed;
pub(super) mod frelay;
pub(super) mod geneve;
pub(super) mod gre;
pub(super) mod gtp;
pub(super) mod in_udp;
pub(super) mod juniper;
pub(super) mod l2tp;
pub(super) mod llc;
pub(super) mod macsec;
pub(super) mod mpls;
pub(super) mod nflog;
pub(super) mod nsh;
pub(super) mod null;
pub(super) mod pflog;
pub(super) mod pktap;
pub(super) mod ppi;
pub(super) mod ppp;
pub(super) mod pppoe;
pub(super) mod prism;
pub(super) mod radiotap;
pub(super) mod sll;
pub(super) mod teredo;
pub(super) mod trill;
pub(super) mod tzsp;
pub(super) mod vlan;
pub(super) mod vxlan;
pub(super) mod wifi;
