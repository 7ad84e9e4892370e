//! Link types as capture files number them: their names, the longest frame believed, and libpcap's own numbers.
//!
//! Source: the registry at <https://www.tcpdump.org/linktypes.html>. Which of them can be dissected is no business of
//! this module.

/// BSD loopback: the address family in the byte order of the machine that captured.
pub const NULL: u16 = 0;
/// Ethernet.
pub const ETHERNET: u16 = 1;
/// PPP as in RFC 1662, with or without its address and control bytes.
pub const PPP: u16 = 9;
/// PPP in HDLC-like framing.
pub const PPP_HDLC: u16 = 50;
/// PPP over Ethernet, from the PPPoE header on.
pub const PPP_ETHER: u16 = 51;
/// An IPv4 or IPv6 packet and nothing before it.
pub const RAW: u16 = 101;
/// Cisco's HDLC.
pub const C_HDLC: u16 = 104;
/// 802.11 without a radio header.
pub const IEEE802_11: u16 = 105;
/// OpenBSD loopback: the address family in network byte order.
pub const LOOP: u16 = 108;
/// Linux "cooked" capture, version 1.
pub const LINUX_SLL: u16 = 113;
/// 802.11 with a radiotap header.
pub const IEEE802_11_RADIOTAP: u16 = 127;
/// D-Bus messages, which may be 128 MiB long.
pub const DBUS: u16 = 231;
/// An IPv4 packet and nothing before it.
pub const IPV4: u16 = 228;
/// An IPv6 packet and nothing before it.
pub const IPV6: u16 = 229;
/// USB traffic as USBPcap writes it.
pub const USBPCAP: u16 = 249;
/// Linux "cooked" capture, version 2, which names the interface of each frame.
pub const LINUX_SLL2: u16 = 276;
/// Elektrobit's bus captures.
pub const EBHSCR: u16 = 279;

/// The longest frame that is believed of most links (libpcap's `MAXIMUM_SNAPLEN`).
pub const MAX_FRAME: u32 = 262_144;

/// The longest frame that is believed of `link`, after libpcap's `max_snaplen_for_dlt`: a few links carry whole messages.
pub fn max_frame(link: u16) -> u32 {
    match link {
        DBUS | USBPCAP => 128 << 20,
        EBHSCR => 8 << 20,
        _ => MAX_FRAME,
    }
}

/// The registry's name of a link type, or `unknown`.
pub fn link_name(link: u16) -> &'static str {
    NAMES.binary_search_by_key(&link, |entry| entry.0).ok().and_then(|at| NAMES.get(at)).map_or("unknown", |e| e.1)
}

/// The number that libpcap itself uses for a link type (its `DLT_` value on this system), as a filter's compiler wants
/// it. They are equal but for those whose `DLT_` value differs between systems, so that files got a number of their own.
pub(super) fn dlt(link: u16) -> i32 {
    match link {
        100 => 11,
        RAW if cfg!(target_os = "openbsd") => 14,
        RAW => 12,
        102 => 15,
        103 => 16,
        106 => 19,
        LOOP if cfg!(target_os = "openbsd") => 12,
        other => i32::from(other),
    }
}

/// The link type that libpcap numbers `dlt` on this system: the inverse of [`dlt`].
pub fn of_dlt(number: i32) -> Option<u16> {
    let differs = [100, RAW, 102, 103, 106, LOOP];
    let found = differs.into_iter().find(|link| dlt(*link) == number);
    found.or_else(|| u16::try_from(number).ok())
}

/// Number and name, in order of number: those that have been met in captures of networks.
const NAMES: &[(u16, &str)] = &[
    (NULL, "NULL"),
    (ETHERNET, "ETHERNET"),
    (3, "AX25"),
    (6, "IEEE802_5"),
    (7, "ARCNET_BSD"),
    (8, "SLIP"),
    (PPP, "PPP"),
    (10, "FDDI"),
    (PPP_HDLC, "PPP_HDLC"),
    (PPP_ETHER, "PPP_ETHER"),
    (100, "ATM_RFC1483"),
    (RAW, "RAW"),
    (102, "SLIP_BSDOS"),
    (103, "PPP_BSDOS"),
    (C_HDLC, "C_HDLC"),
    (IEEE802_11, "IEEE802_11"),
    (106, "ATM_CLIP"),
    (107, "FRELAY"),
    (LOOP, "LOOP"),
    (109, "ENC"),
    (LINUX_SLL, "LINUX_SLL"),
    (114, "LTALK"),
    (117, "PFLOG"),
    (119, "IEEE802_11_PRISM"),
    (122, "IP_OVER_FC"),
    (123, "SUNATM"),
    (IEEE802_11_RADIOTAP, "IEEE802_11_RADIOTAP"),
    (129, "ARCNET_LINUX"),
    (138, "APPLE_IP_OVER_IEEE1394"),
    (139, "MTP2_WITH_PHDR"),
    (140, "MTP2"),
    (141, "MTP3"),
    (142, "SCCP"),
    (143, "DOCSIS"),
    (144, "LINUX_IRDA"),
    (147, "USER0"),
    (148, "USER1"),
    (149, "USER2"),
    (163, "IEEE802_11_AVS"),
    (165, "BACNET_MS_TP"),
    (166, "PPP_PPPD"),
    (167, "JUNIPER_PPPOE"),
    (169, "GPRS_LLC"),
    (177, "LINUX_LAPD"),
    (178, "JUNIPER_ETHER"),
    (179, "JUNIPER_PPP"),
    (180, "JUNIPER_FRELAY"),
    (181, "JUNIPER_CHDLC"),
    (182, "MFR"),
    (187, "BLUETOOTH_HCI_H4"),
    (189, "USB_LINUX"),
    (192, "PPI"),
    (195, "IEEE802_15_4_WITHFCS"),
    (196, "SITA"),
    (197, "ERF"),
    (201, "BLUETOOTH_HCI_H4_WITH_PHDR"),
    (203, "LAPD"),
    (204, "PPP_WITH_DIR"),
    (205, "C_HDLC_WITH_DIR"),
    (206, "FRELAY_WITH_DIR"),
    (215, "IEEE802_15_4_NONASK_PHY"),
    (219, "MPLS"),
    (220, "USB_LINUX_MMAPPED"),
    (224, "FC_2"),
    (226, "IPNET"),
    (227, "CAN_SOCKETCAN"),
    (IPV4, "IPV4"),
    (IPV6, "IPV6"),
    (230, "IEEE802_15_4_NOFCS"),
    (DBUS, "DBUS"),
    (235, "DVB_CI"),
    (236, "MUX27010"),
    (239, "NFLOG"),
    (240, "NETANALYZER"),
    (241, "NETANALYZER_TRANSPARENT"),
    (242, "IPOIB"),
    (243, "MPEG_2_TS"),
    (245, "NFC_LLCP"),
    (246, "PFSYNC"),
    (247, "INFINIBAND"),
    (248, "SCTP"),
    (USBPCAP, "USBPCAP"),
    (251, "BLUETOOTH_LE_LL"),
    (252, "WIRESHARK_UPPER_PDU"),
    (253, "NETLINK"),
    (254, "BLUETOOTH_LINUX_MONITOR"),
    (256, "BLUETOOTH_LE_LL_WITH_PHDR"),
    (258, "PKTAP"),
    (259, "EPON"),
    (266, "USB_DARWIN"),
    (271, "VSOCK"),
    (272, "NORDIC_BLE"),
    (274, "ETHERNET_MPACKET"),
    (LINUX_SLL2, "LINUX_SLL2"),
    (EBHSCR, "EBHSCR"),
    (281, "DSA_TAG_BRCM"),
    (282, "DSA_TAG_BRCM_PREPEND"),
    (284, "DSA_TAG_DSA"),
    (285, "DSA_TAG_EDSA"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_by_number() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        for (link, name) in [(1, "ETHERNET"), (101, "RAW"), (276, "LINUX_SLL2"), (2, "unknown"), (65535, "unknown")] {
            assert_eq!(link_name(link), name);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_number_of_libpcap_leads_back_to_its_link_type() {
        for link in [NULL, ETHERNET, 100, RAW, 102, 103, 106, LOOP, LINUX_SLL, IPV4, LINUX_SLL2] {
            assert_eq!(of_dlt(dlt(link)), Some(link));
        }
        assert_eq!(of_dlt(-1), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn libpcap_calls_our_numbers_by_the_same_names() {
        let named = |link| pcap::Linktype(dlt(link)).get_name().unwrap();
        for (link, name) in [
            (NULL, "NULL"),
            (ETHERNET, "EN10MB"),
            (PPP, "PPP"),
            (PPP_HDLC, "PPP_SERIAL"),
            (PPP_ETHER, "PPP_ETHER"),
            (100, "ATM_RFC1483"),
            (RAW, "RAW"),
            (102, "SLIP_BSDOS"),
            (103, "PPP_BSDOS"),
            (106, "ATM_CLIP"),
            (LOOP, "LOOP"),
            (LINUX_SLL, "LINUX_SLL"),
            (IEEE802_11_RADIOTAP, "IEEE802_11_RADIO"),
            (IPV4, "IPV4"),
            (LINUX_SLL2, "LINUX_SLL2"),
        ] {
            assert_eq!(named(link), name, "{link}");
        }
    }
}
