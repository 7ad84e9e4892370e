//! Decryption with a key log, from a file and from inside a capture, on the published handshake of RFC 8448 and on
//! captures of others where there are any; and that no output holds a secret.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "keylog/published.rs"]
mod published;
#[path = "../../dissectors/src/tls/tests/rfc8448.rs"]
mod rfc8448;

use published::{CERTIFICATE, frames, key_log};
use rfc8448::{SERVER_SECRET, hex};

/// A pcapng block of this type.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let len = u32::try_from(12 + body.len() + padding.len()).unwrap().to_le_bytes();
    [&kind.to_le_bytes()[..], &len, body, &padding, &len].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The published handshake; `secrets` stand before its packets.
fn capture(secrets: &str) -> Vec<u8> {
    let mut file = block(0x0a0d_0d0a, &words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
    file.extend(block(1, &words(&[101, 0])));
    if !secrets.is_empty() {
        let len = u32::try_from(secrets.len()).unwrap();
        file.extend(block(10, &[&words(&[0x544c_534b, len])[..], secrets.as_bytes()].concat()));
    }
    for (frame, time) in frames().iter().zip((0_u32..).step_by(10_000)) {
        let len = u32::try_from(frame.len()).unwrap();
        file.extend(block(6, &[&words(&[0, 0, time, len, len])[..], frame].concat()));
    }
    file
}

/// What a run said and wrote.
struct Ran {
    events: Vec<Value>,
    summary: Value,
    /// All bytes of all outputs.
    all: Vec<u8>,
}

impl Ran {
    /// The first event's word for the decryption, and its chain.
    fn chain(&self) -> (&str, Vec<&str>) {
        let own = &self.events[0]["hushwire"];
        let chain = own["chain"].as_array().map_or(&[][..], Vec::as_slice);
        (
            own["decryption"].as_str().unwrap_or(""),
            chain.iter().map(|entry| entry["sha256"].as_str().unwrap()).collect(),
        )
    }

    fn holds(&self, text: &[u8]) -> bool {
        self.all.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text))
    }
}

/// A folder of this test's.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keylog-{test}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn replay(test: &str, capture: &Path, arguments: &[&str]) -> Ran {
    let out = folder(&format!("{test}-out"));
    let output = Command::new(env!("CARGO_BIN_EXE_hushwire"))
        .args(["replay", "--full", "-o"])
        .args([&out, capture])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut all = [output.stdout, output.stderr].concat();
    for file in fs::read_dir(&out).unwrap() {
        all.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let events = read("eve.json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = serde_json::from_str(&read("summary.json")).unwrap();
    fs::remove_dir_all(&out).unwrap();
    Ran { events, summary, all }
}

/// Replays the published handshake with these secrets inside it and these in a key log.
fn replayed(test: &str, inside: &str, given: &str, arguments: &[&str]) -> Ran {
    let folder = folder(test);
    let (file, keys) = (folder.join("capture.pcapng"), folder.join("keys.txt"));
    fs::write(&file, capture(inside)).unwrap();
    fs::write(&keys, given).unwrap();
    let keylog = ["--keylog", keys.to_str().unwrap()];
    let arguments = [if given.is_empty() { &[][..] } else { &keylog }, arguments].concat();
    let ran = replay(test, &file, &arguments);
    fs::remove_dir_all(&folder).unwrap();
    ran
}

#[test]
fn the_chain_is_seen_with_the_key() {
    let log = key_log(SERVER_SECRET);
    for (test, inside, given, arguments) in [
        ("inside", log.as_str(), "", &[][..]),
        ("given", "", log.as_str(), &[]),
        ("one-worker", "", log.as_str(), &["--workers", "1"]),
        ("three-workers", log.as_str(), "", &["--workers", "3"]),
        ("given-only", "CLIENT_RANDOM 00 00\n", log.as_str(), &["--no-embedded-keys"]),
    ] {
        let ran = replayed(test, inside, given, arguments);
        assert_eq!(ran.chain(), ("certificates", vec![CERTIFICATE]), "{test}");
        assert_eq!(ran.events[0]["tls"]["subject"], "CN=rsa", "{test}");
        assert_eq!(
            (&ran.summary["keys"]["decrypted"], &ran.summary["keys"]["secrets"]),
            (&1.into(), &1.into()),
            "{test}"
        );
        assert_eq!(ran.events[0]["hushwire"]["outcome"], "completed", "{test}");
    }
}

#[test]
fn a_listed_chain_raises_an_alert() {
    let folder = folder("listed-list");
    let list = folder.join("list.csv");
    fs::write(&list, format!("kind,sha256,class,label\nroot,{CERTIFICATE},interception,the laboratory's\n")).unwrap();
    let log = key_log(SERVER_SECRET);
    let blocklist = ["--blocklist", list.to_str().unwrap()];
    for (test, inside, alerts) in [("listed", log.as_str(), 1), ("listed-unseen", "", 0)] {
        let ran = replayed(test, inside, "", &blocklist);
        let raised: Vec<&Value> = ran.events.iter().filter(|event| event["event_type"] == "alert").collect();
        assert_eq!(raised.len(), alerts, "{test}");
        assert!(raised.iter().all(|alert| alert["hushwire"]["decryption"] == "certificates"), "{test}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn without_the_key_nothing_is_said() {
    let log = key_log(SERVER_SECRET);
    for (test, inside, arguments) in [("none", "", &[][..]), ("ignored", log.as_str(), &["--no-embedded-keys"])] {
        let ran = replayed(test, inside, "", arguments);
        assert_eq!(ran.chain(), ("", vec![]), "{test}");
        assert!(ran.summary.get("keys").is_none(), "{test}");
    }
}

/// Secrets of another protocol, and a log longer than is taken.
#[test]
fn secrets_that_were_refused_are_counted() {
    let folder = folder("refused-inside");
    let file = folder.join("capture.pcapng");
    let secrets = |kind: u32, bytes: &[u8]| block(10, &[&words(&[kind, bytes.len() as u32])[..], bytes].concat());
    let more = [secrets(0x5747_4b4c, b"wireguard"), secrets(0x544c_534b, &vec![b'#'; 4 << 20])].concat();
    fs::write(&file, [capture(&key_log(SERVER_SECRET)), more].concat()).unwrap();
    let ran = replay("refused-inside", &file, &[]);
    assert_eq!((ran.chain().0, &ran.summary["keys"]["refused"]), ("certificates", &2.into()), "{}", ran.summary);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_wrong_key_is_counted() {
    let wrong = SERVER_SECRET.replace('b', "c");
    let ran = replayed("wrong", "", &format!("{}what is this\n", key_log(&wrong)), &[]);
    assert_eq!(ran.chain(), ("wrong_key", vec![]));
    let keys = &ran.summary["keys"];
    assert_eq!((&keys["wrong"], &keys["malformed"], &keys["decrypted"]), (&1.into(), &1.into(), &Value::Null));
}

#[test]
fn no_output_holds_a_secret() {
    let raw = hex(SERVER_SECRET);
    for (test, inside, given) in [("silent-in", SERVER_SECRET, ""), ("silent-out", "", SERVER_SECRET)] {
        let log = |secret: &str| if secret.is_empty() { String::new() } else { key_log(secret) };
        let ran = replayed(test, &log(inside), &log(given), &[]);
        assert_eq!(ran.chain().0, "certificates", "the secret was there to be shown");
        assert!(ran.holds(b"\"outcome\""), "the outputs were looked at");
        for part in [&SERVER_SECRET[..16], &SERVER_SECRET[48..]] {
            assert!(!ran.holds(part.as_bytes()), "{test}: {part}");
        }
        assert!(!ran.holds(&raw[..8]), "{test}: as bytes");
    }
}

#[test]
fn what_is_no_key_log_is_refused() {
    let folder = folder("refused");
    let (file, foreign) = (folder.join("capture.pcapng"), folder.join("keys"));
    fs::write(&file, capture("")).unwrap();
    fs::write(&foreign, key_log(SERVER_SECRET).replace(' ', "")).unwrap();
    for keys in [foreign.to_str().unwrap(), "/there/is/no/such.keys"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_hushwire")).arg("replay").arg(&file).args(["--keylog", keys]).output();
        let output = output.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains("key log") && said.contains(keys) && !said.contains(SERVER_SECRET), "{said}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Captures of others; which, where they are, and what comes of them.
#[test]
fn captures_of_others() {
    let root = std::env::var_os("HUSHWIRE_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures"), PathBuf::from);
    let tls13 = "23323da031634b241dd37d61032b62a4f450584d1f7f47983ba2f7cc0cdcc39a68f481f2b019f9403a3051908a5d1622";
    let session = (0..32).map(|byte| format!("{byte:02x}")).collect::<String>();
    let keys = folder("others").join("keys.txt");
    fs::write(&keys, format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {session} {tls13}\n")).unwrap();
    let keylog = ["--keylog", keys.to_str().unwrap()];
    let wireshark = |commit: &str, name: &str| {
        format!("randolphcyg+gowireshark/history/{commit}/include/wireshark/test/captures/{name}.pcapng")
    };
    let ndpi = |name: &str| format!("ntop+nDPI/tests/cfgs/default/pcap/{name}.pcapng");
    let cases: [(String, &[&str], &str); 7] = [
        ("syncsynchalt+illustrated-tls13/captures/capture.pcap".into(), &keylog, "certificates"),
        (ndpi("quic-v2"), &[], "certificates"),
        (ndpi("quic-33"), &[], "certificates"),
        (ndpi("doq"), &[], "certificates"),
        (wireshark("f029a46f", "quic-fragmented-handshakes"), &[], "certificates"),
        (wireshark("10d98b5d", "quic_follow_multistream"), &[], "certificates"),
        (wireshark("aa96da0d", "challenge01_ooo_stream"), &[], "no_certificates"),
    ];
    for (number, (name, arguments, expected)) in cases.into_iter().enumerate() {
        let capture = root.join("pcaps").join(&name);
        if !capture.exists() {
            eprintln!("{name} is not there and was not read");
            continue;
        }
        let ran = replay(&format!("others-{number}"), &capture, arguments);
        let (decryption, chain) = ran.chain();
        assert_eq!((decryption, chain.is_empty()), (expected, expected != "certificates"), "{name}");
    }
}
