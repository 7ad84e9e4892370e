//! RFC 9001, appendix A, and RFC 9369, appendix A.

use super::make::{hex, id, seal};
use crate::quic::frame::Frame;
use crate::quic::frames::{Dialect, Frames};
use crate::quic::header::{LongPacket, Packet, PacketType, Packets};
use crate::quic::scratch::{Scratch, open};
use crate::quic::version::Version;
use crate::quic::{Side, initiator};
use crate::tls::{ClientHello, ServerHello};

/// The client's first connection ID in both appendices.
const DCID: &str = "8394c8f03e515708";
/// The server's connection ID in both appendices.
const SERVER_ID: &str = "f067a5502a4262b5";

const CLIENT_FRAME: &str = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c
    00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018001000070005
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74
    d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffff
    ff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff";

/// Length of the client's payload in A.2, PADDING included.
const CLIENT_PAYLOAD: usize = 1162;

struct Vector {
    version: Version,
    /// A.2: the header before protection, and how the protected packet begins and ends.
    client_header: &'static str,
    client_begins: &'static str,
    client_ends: &'static str,
    /// A.3: the protected packet.
    server_packet: &'static str,
    /// A.4: the Retry.
    retry: &'static str,
}

const VECTORS: [Vector; 2] = [
    Vector {
        version: Version::V1,
        client_header: "c300000001088394c8f03e5157080000449e00000002",
        client_begins: "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c",
        client_ends: "e221af44860018ab0856972e194cd934",
        server_packet: "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780b
            b38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8e
            f4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee",
        retry: "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
    },
    Vector {
        version: Version::V2,
        client_header: "d36b3343cf088394c8f03e5157080000449e00000002",
        client_begins: "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03dceebfa162e75d6c",
        client_ends: "a18b2faa745b6fe189cf772a9f84cbfc",
        server_packet: "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf8726
            3017915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c7
            07f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140",
        retry: "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6",
    },
];

fn only_long(datagram: &[u8]) -> LongPacket<'_> {
    let mut packets = Packets::new(datagram);
    let Some(Ok(Packet::Long(packet))) = packets.next() else { panic!("a long packet") };
    assert_eq!(packets.next(), None);
    packet
}

fn crypto_data(frames: &[u8]) -> &[u8] {
    let crypto = Frames::new(frames, Dialect::Ietf).find_map(|frame| match frame.unwrap() {
        Frame::Crypto { offset: 0, data } => Some(data),
        _ => None,
    });
    crypto.unwrap()
}

/// The packet of A.2, sealed from its plain text: the tag at its end vouches for every byte between.
fn client_packet(vector: &Vector) -> Vec<u8> {
    let mut frames = hex(CLIENT_FRAME);
    frames.resize(CLIENT_PAYLOAD, 0);
    let scheme = &vector.version.schemes()[0];
    seal(scheme, Side::Client, &hex(DCID), 2, &hex(vector.client_header), 4, &frames)
}

#[test]
fn client_initial() {
    for vector in &VECTORS {
        let packet = client_packet(vector);
        assert_eq!(packet.len(), 1200);
        assert!(packet.starts_with(&hex(vector.client_begins)));
        assert!(packet.ends_with(&hex(vector.client_ends)));

        let mut scratch = Scratch::default();
        assert_eq!(initiator(&packet, &mut scratch), Some(Side::Client));
        let long = only_long(&packet);
        assert_eq!((long.kind, long.version, long.dcid), (PacketType::Initial, vector.version, id(&hex(DCID))));
        assert!(open(&long, &long.dcid, Side::Client, &mut scratch));
        assert_eq!(scratch.frames().len(), CLIENT_PAYLOAD);
        let hello = ClientHello::parse(&crypto_data(scratch.frames())[4..]).unwrap();
        assert_eq!(hello.server_name().as_deref(), Some("example.com"));
    }
}

#[test]
fn server_initial() {
    for vector in &VECTORS {
        let packet = hex(vector.server_packet);
        let long = only_long(&packet);
        assert_eq!((long.kind, long.scid), (PacketType::Initial, id(&hex(SERVER_ID))));
        let mut scratch = Scratch::default();
        assert_eq!(initiator(&packet, &mut scratch), Some(Side::Server));
        assert!(!open(&long, &long.scid, Side::Server, &mut scratch), "its own name is not the key");
        assert!(!open(&long, &id(&hex(DCID)), Side::Client, &mut scratch), "nor is the client's key");
        assert!(open(&long, &id(&hex(DCID)), Side::Server, &mut scratch));
        let hello = ServerHello::parse(&crypto_data(scratch.frames())[4..]).unwrap();
        assert_eq!((hello.cipher, hello.negotiated()), (0x1301, 0x0304));
    }
}

#[test]
fn retry() {
    for vector in &VECTORS {
        let packet = hex(vector.retry);
        let mut packets = Packets::new(&packet);
        let Some(Ok(Packet::Retry(header))) = packets.next() else { panic!("a Retry") };
        assert_eq!(packets.next(), None);
        assert_eq!((header.version, header.scid), (vector.version, id(&hex(SERVER_ID))));
        assert_eq!(header.retry_token(), b"token");
    }
}

#[test]
fn one_flipped_bit_keeps_a_packet_closed() {
    let packet = client_packet(&VECTORS[0]);
    let mut scratch = Scratch::default();
    for at in [0, 1, 6, 15, 18, 21, 22, 600, 1199] {
        let mut broken = packet.clone();
        broken[at] ^= 1;
        let opened = Packets::new(&broken).map_while(Result::ok).any(|packet| match packet {
            Packet::Long(long) => open(&long, &id(&hex(DCID)), Side::Client, &mut scratch),
            _ => false,
        });
        assert!(!opened, "byte {at}");
    }
}
