//! Linux cooked capture, versions 1 and 2.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

/// <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html>: 16 bytes, the protocol last.
pub(in crate::decode) static LAYER: Layer =
    Layer { name: "sll", decode: |rest| payload(rest.be16(2)?, rest.be16(14)?, rest.skip(16)?) };

/// <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>: 20 bytes, the protocol first.
pub(in crate::decode) static LAYER_2: Layer =
    Layer { name: "sll2", decode: |rest| payload(rest.be16(8)?, rest.be16(0)?, rest.skip(20)?) };

// ARPHRD_ types (Linux if_arp.h) whose protocol field is no EtherType.
const ARPHRD_NETLINK: u16 = 824;
const ARPHRD_FRELAY: u16 = 770;
const ARPHRD_RADIOTAP: u16 = 803;

/// LLC follows (Linux if_ether.h). Other "protocols" below the EtherTypes are Novell's raw 802.3, CAN and the like.
const ETH_P_802_2: u16 = 4;

fn payload(hardware: u16, protocol: u16, rest: Rest<'_>) -> Decoded<'_> {
    match (hardware, protocol) {
        (ARPHRD_NETLINK | ARPHRD_FRELAY, _) => Err(Stop::Skip(Skip::NotIp)),
        (ARPHRD_RADIOTAP, _) => Ok((Next::Link(127), rest)),
        (_, ETH_P_802_2) => Ok((Next::Llc, rest)),
        (_, 0..0x0600) => Err(Stop::Skip(Skip::NotIp)),
        (_, kind) => Ok(ethernet::after_type(kind, rest)),
    }
}
