//! The entry for fuzzing: any bytes, cut in any way.

use super::{
    CertificateFormat, CertificateList, Item, Ja4Cache, KeyLog, MAX_CERTIFICATE_MESSAGE, Reader, Transport, escape,
    probe,
};

/// Reads `data` whole and in pieces whose sizes it states itself, and checks that both give the same.
///
/// # Panics
///
/// If the items differ, or more is buffered than the limits allow: a defect in this module.
pub fn fuzz_tls(data: &[u8]) {
    let (cuts, stream) = data.split_at_checked(16).unwrap_or((&[], data));
    probe(stream);
    let (mut whole, mut cut) = (Reader::default(), Reader::default());
    let expected = items(&mut whole, [stream]);
    let got = items(&mut cut, pieces(stream, cuts));
    assert_eq!(expected, got, "the same bytes, cut differently, gave other items");
    assert_eq!((whole.is_open(), whole.pending()), (cut.is_open(), cut.pending()));
    KeyLog::default().add(data);
    let list = CertificateList::parse(stream, CertificateFormat::Tls13);
    assert!(list.iter().count() <= list.sent());
}

fn items<'a>(reader: &mut Reader, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let (mut items, mut ciphertext) = (Vec::new(), 0_usize);
    for piece in pieces {
        reader.read(piece, |item| match item {
            Item::Ciphertext(bytes) => ciphertext = ciphertext.saturating_add(bytes.len()),
            item => items.push(describe(item)),
        });
        assert!(reader.buffered() <= MAX_CERTIFICATE_MESSAGE.saturating_add(4), "a limit does not hold");
    }
    items.push(format!("{ciphertext} bytes of ciphertext"));
    items
}

/// All that an item can say.
fn describe(item: Item<'_>) -> String {
    match item {
        Item::ClientHello(hello, _) => {
            let ja4 = hello.ja4(Transport::Tcp);
            assert_eq!(ja4, Ja4Cache::new(0).ja4(hello, Transport::Tcp), "the cache changes a fingerprint");
            let shares: Vec<u16> = hello.key_share_groups().collect();
            let alpn: Vec<String> = hello.alpn.map(escape).collect();
            let (name, ja3, text) = (hello.server_name(), hello.ja3(), hello.ja3_text());
            format!("{item:?} {name:?} {ja3} {text} {ja4} {shares:?} {alpn:?}")
        }
        Item::ServerHello(hello) => {
            let (version, retry, downgrade) = (hello.negotiated(), hello.is_retry(), hello.downgrade());
            format!("{item:?} {version} {retry} {downgrade:?} {} {}", hello.ja3s(), hello.ja3s_text())
        }
        Item::Certificate(list) => format!("{:?} {} {}", list.iter().collect::<Vec<_>>(), list.sent(), list.omitted()),
        Item::Sslv2Hello(hello) => format!("{item:?} {:?}", hello.cipher_specs().collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// `stream` cut into pieces of the sizes in `sizes`, over and over; 0 stands for all that is left.
fn pieces<'a>(mut stream: &'a [u8], sizes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = sizes.next().map_or(0, |&size| usize::from(size));
        let all = size == 0 || size > stream.len();
        let piece = stream.split_off(..if all { stream.len() } else { size })?;
        (!piece.is_empty()).then_some(piece)
    })
}
