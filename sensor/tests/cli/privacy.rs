//! No address gets where it must not be: never onto the terminal, into a log line, the summary or the statistics; and with
//! `--anonymize` into no output at all.
//!
//! The captures are those of the golden cases and of the demonstration, whole and broken. Which addresses are in them is
//! asked of the dissectors; that the search would find them is shown by `eve.json`, which holds them as a rule.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use dissectors::decode::{self, Decoder};
use dissectors::packet::{Packet, Span, Transport};
use sensor::capture::{self, Block, FileSource, Progress};
use serde_json::Value;

use crate::run::{Folder, Ran, hushwire, project};

const KEY: &str = "3f1d0c7a5e9b82640f6e1c3d5a7b9c8e1029384756afbecd0011223344556677";

/// What a run wrote and said, each part by its name.
struct Written {
    status: i32,
    parts: Vec<(String, String)>,
}

impl Written {
    /// Replays these captures, everything written, into a folder below `folder`.
    fn of(captures: &[PathBuf], folder: &Path, more: &[&str]) -> Self {
        let out = folder.join("out");
        let mut arguments = vec!["replay", "--full", "--alert-soft", "-o", out.to_str().unwrap()];
        arguments.extend(captures.iter().map(|path| path.to_str().unwrap()));
        let Ran { status, stdout, stderr } = hushwire([&arguments, more].concat());
        let mut parts = vec![("stdout".to_owned(), stdout), ("stderr".to_owned(), stderr)];
        for file in fs::read_dir(&out).unwrap().map(|file| file.unwrap()) {
            parts.push((file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap()));
        }
        fs::remove_dir_all(&out).unwrap();
        Self { status, parts }
    }

    fn part(&self, name: &str) -> &str {
        &self.parts.iter().find(|part| part.0 == name).unwrap().1
    }

    fn events(&self) -> Vec<Value> {
        self.part("eve.json").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Expects none of these addresses in any part but `excepted`.
    fn hides(&self, addresses: &BTreeSet<IpAddr>, excepted: &[&str]) {
        assert!(self.parts.len() >= 6, "two streams and four files");
        for (name, text) in self.parts.iter().filter(|part| !excepted.contains(&part.0.as_str())) {
            assert_eq!(shown(text, addresses), [] as [IpAddr; 0], "{name}:\n{text}");
        }
    }
}

/// Those of the addresses that are somewhere in a text.
fn shown(text: &str, addresses: &BTreeSet<IpAddr>) -> Vec<IpAddr> {
    addresses.iter().copied().filter(|address| is_in(text, *address)).collect()
}

/// Whether an address is in a text and is not a part of a longer one there.
fn is_in(text: &str, address: IpAddr) -> bool {
    let goes_on = |neighbour: Option<char>| match address {
        IpAddr::V4(_) => neighbour.is_some_and(|c| c.is_ascii_digit()),
        IpAddr::V6(_) => neighbour.is_some_and(|c| c.is_ascii_hexdigit() || c == ':'),
    };
    let needle = address.to_string();
    text.match_indices(&needle).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + needle.len()..]);
        !goes_on(before.chars().next_back()) && !goes_on(after.chars().next())
    })
}

fn captures() -> Vec<PathBuf> {
    vec![project("pcaps/cases"), project("pcaps/demo/captures")]
}

/// All addresses of these captures, as far as these can be read.
fn addresses(captures: &[PathBuf]) -> BTreeSet<IpAddr> {
    let mut addresses = BTreeSet::new();
    for input in capture::expand(captures) {
        let Ok(mut source) = FileSource::open(&input.unwrap()) else { continue };
        let (mut block, mut decoder) = (Block::default(), Decoder::new(decode::Options::default()));
        while let Ok(Progress::More) = source.read(&mut block) {
            packets(&mut block, &mut decoder, |packet| addresses.extend(addresses_of(&packet)));
        }
    }
    addresses
}

fn packets(block: &mut Block, decoder: &mut Decoder, mut take: impl FnMut(Packet)) {
    for frame in &block.frames {
        let span = Span { start: frame.start, len: frame.len };
        let (number, time, link, original_len) = (frame.number, frame.time, frame.link, frame.original_len);
        let frame = decode::Frame { number, time, link, span, original_len };
        decoder.decode(frame, &mut block.bytes).into_iter().for_each(&mut take);
    }
}

fn addresses_of(packet: &Packet) -> Vec<IpAddr> {
    let reporter = match packet.transport {
        Transport::Icmp { quote, .. } => Some(quote.reporter),
        Transport::Tcp(_) | Transport::Udp => None,
    };
    [packet.ends.source.addr, packet.ends.dest.addr].into_iter().chain(reporter).collect()
}

/// The same captures, each cut in its last third and once more with bytes inverted here and there.
fn broken(folder: &Folder) -> Vec<PathBuf> {
    let inputs = capture::expand(&captures()).into_iter().map(Result::unwrap);
    let paths: Vec<_> = inputs.filter_map(|input| input.path().map(Path::to_owned)).collect();
    let mut broken = Vec::new();
    for (number, path) in paths.iter().filter(|path| path.file_name().unwrap() != "README.md").enumerate() {
        let mut content = fs::read(path).unwrap();
        broken.push(folder.file(&format!("cut-{number}"), &content[..content.len() * 3 / 4 - 1]));
        content.iter_mut().skip(40).step_by(1499).for_each(|byte| *byte = !*byte);
        broken.push(folder.file(&format!("inverted-{number}"), content));
    }
    broken
}

#[test]
fn the_search_finds_an_address_and_no_part_of_one() {
    let cases = [
        ("from 192.0.2.1:443.", "192.0.2.1", true),
        ("\"::ffff:192.0.2.1\"", "192.0.2.1", true),
        ("192.0.2.10", "192.0.2.1", false),
        ("1192.0.2.1", "192.0.2.1", false),
        ("[2001:db8::1]:443", "2001:db8::1", true),
        ("2001:db8::12 2001:db8::1:2 f2001:db8::1", "2001:db8::1", false),
    ];
    for (text, address, found) in cases {
        assert_eq!(is_in(text, address.parse().unwrap()), found, "{text}");
    }
}

#[test]
fn no_address_is_anywhere_but_in_the_events() {
    let (folder, captures) = (Folder::new("addresses"), captures());
    let addresses = addresses(&captures);
    let plain = Written::of(&captures, &folder.0, &[]);
    assert_eq!((plain.status, plain.part("stderr")), (0, ""));
    plain.hides(&addresses, &["eve.json"]);
    let events = shown(plain.part("eve.json"), &addresses);
    assert!(events.len() > 10, "the search finds those that are there: {events:?} of {addresses:?}");
    assert!(events.iter().any(IpAddr::is_ipv4) && events.iter().any(IpAddr::is_ipv6), "{events:?}");
    assert!(plain.part("eve.json").contains("\"reporter\":"), "and there are routers among them");
    let json = Written::of(&captures[1..], &folder.0, &["--json"]);
    json.hides(&addresses, &["eve.json"]);
}

#[test]
fn what_is_said_of_broken_captures_names_no_address() {
    let folder = Folder::new("addresses-broken");
    let broken = broken(&folder);
    let written = Written::of(&broken, &folder.0, &[]);
    assert!(written.part("stderr").lines().count() > 80, "{}", written.part("stderr"));
    written.hides(&addresses(&broken), &["eve.json"]);
}

#[test]
fn anonymised_outputs_hold_no_address_and_nothing_that_gives_one_away() {
    let (folder, captures) = (Folder::new("anonymised"), captures());
    let key = secret(&folder);
    let addresses = addresses(&captures);
    let plain = Written::of(&captures, &folder.0, &[]);
    let keyed = ["--anonymize", "keyed", "--anonymize-key", &key];
    for (how, arguments) in [("truncate", &["--anonymize", "truncate"][..]), ("keyed", &keyed)] {
        let changed = Written::of(&captures, &folder.0, arguments);
        assert_eq!((changed.status, changed.part("stderr")), (0, ""), "{how}");
        changed.hides(&addresses, &[]);
        assert_eq!(changed.part("stdout"), plain.part("stdout"));
        assert!(changed.part("summary.json").contains(&format!("\"anonymized\": \"{how}\"")));
        unlinked(&plain.events(), &changed.events());
    }
}

/// Expects the same events with other names for the same flows.
fn unlinked(plain: &[Value], changed: &[Value]) {
    let named = |event: &Value| (event["capture_file"].to_string(), event["flow_id"].as_u64().unwrap());
    let flows = |events: &[Value]| events.iter().map(named).collect::<BTreeSet<_>>();
    assert_eq!(flows(plain).len(), flows(changed).len(), "one name a flow");
    assert!(flows(plain).is_disjoint(&flows(changed)), "and another one");
    for (before, after) in plain.iter().zip(changed) {
        assert_ne!(before["community_id"], after["community_id"], "{after}");
        for same in ["event_type", "pcap_cnt", "src_port", "dest_port", "tls", "quic", "alert"] {
            assert_eq!(before[same], after[same], "{same}: {after}");
        }
    }
}

#[test]
fn a_key_decides_the_pseudonyms_alone() {
    let folder = Folder::new("pseudonyms");
    let captures = [project("pcaps/demo/captures/mixed.pcap"), project("pcaps/cases/undelivered-reported")];
    let eve = |key: &str, workers| {
        let arguments = ["--anonymize", "keyed", "--anonymize-key", key, "--workers", workers];
        Written::of(&captures, &folder.0, &arguments).part("eve.json").to_owned()
    };
    let other = folder.file("other", [7; 32]).to_str().unwrap().to_owned();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
    let key = secret(&folder);
    assert_eq!(eve(&key, "1"), eve(&key, "2"));
    assert_ne!(eve(&key, "1"), eve(&other, "1"));
}

#[test]
fn pseudonyms_need_a_key_that_is_one() {
    let folder = Folder::new("key");
    let short = folder.file("short", "hunter2\n");
    let (short, capture) = (short.to_str().unwrap(), project("pcaps/cases/tls13-healthy/capture.pcap"));
    let cases: [(&[&str], &str); 5] = [
        (&["--anonymize", "keyed"], "--anonymize-key <FILE>"),
        (&["--anonymize-key", short], "--anonymize <HOW>"),
        (&["--anonymize", "hash"], "[possible values: truncate, keyed]"),
        (&["--anonymize", "keyed", "--anonymize-key", "/there/is/no/key"], "the key cannot be read: No such file"),
        (&["--anonymize", "keyed", "--anonymize-key", short], "the key is too short: 8 bytes, where 32 are needed"),
    ];
    for (arguments, said) in cases {
        let out = folder.0.join("out");
        let more = ["replay".as_ref(), capture.as_os_str(), "-o".as_ref(), out.as_os_str()];
        let ran = hushwire(more.into_iter().chain(arguments.iter().map(AsRef::as_ref)));
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(said), "{said:?} is not in\n{}", ran.stderr);
        assert!(!out.exists(), "nothing is written where addresses cannot be changed");
    }
}

#[test]
fn a_key_for_everybody_is_a_warning_and_no_error() {
    let folder = Folder::new("exposed");
    let key = secret(&folder);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let capture = project("pcaps/cases/tls13-healthy/capture.pcap").to_string_lossy().into_owned();
    let ran = hushwire(["replay", "-q", &capture, "--anonymize", "keyed", "--anonymize-key", &key]);
    let warning = format!("hushwire: {key}: warning: everybody on this machine may read the key\n");
    assert_eq!((ran.status, ran.stderr), (0, warning));
}

/// A key as it should be kept.
fn secret(folder: &Folder) -> String {
    let path = folder.file("secret", KEY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}
