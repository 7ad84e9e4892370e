//! Certificate chains: blocklisted, innocent, and made to look like either.

use serde_json::json;

use super::Tell;
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::story::{Connection, Story};
use crate::tls::{Answer, ClientHello, answer, certificate, chains, completes_tls12, finishes_tls12, handshake_record};

const RCKU: &str = "rcku.kz";
const DETECTOR: &str = "blocklisted_chain";
/// 2019-07-20 12:00:00 UTC, two days after the interception began.
const JULY_2019: i64 = 1_563_624_000;
/// 2021-03-01 12:00:00 UTC: the injected intermediate has been expired for 17 days, the leaf is still valid.
const MARCH_2021: i64 = 1_614_600_000;

const PROVEN: &str = "`proven`: from the leaf, each link verified by signature, through sent certificates or listed keys, a \
                      listed key is reached. The root need not be sent.";
const INNOCENT: &str = "From the leaf no listed key or hash of an interception class is reached: no alert.";

pub(super) const CASES: &[Tell] =
    &[injected, injected_expired, lookalike, genuine, listed_by_onecrl, listed_root_appended, client_certificate];

/// The handshake after which the middlebox has answered in the server's name with this chain.
fn intercepted(name: &str, chain: &[Vec<u8>]) -> Story {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(name);
    c.handshake().middlebox_intercepts().hello(&hello).at(0.09);
    completes_tls12(&mut c, &hello, chain);
    Story::of([c])
}

/// The handshake with the server itself.
fn direct(name: &str, chain: &[Vec<u8>]) -> Story {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(name);
    c.handshake().hello(&hello);
    completes_tls12(&mut c, &hello, chain);
    Story::of([c])
}

fn injected() -> Case {
    Case::new("chain-injected-2019", intercepted(RCKU, &chains::rcku_injected()).at_unix_time(JULY_2019))
        .shows("The chain that was injected in Kazakhstan in July 2019, leaf and intermediate, without its root.")
        .rule(PROVEN)
        .attempt(RCKU, "completed")
        .having("hushwire.chain[].sha256", json!(chains::RCKU_INJECTED_LEAF))
        .alert(DETECTOR, "proven", RCKU)
        .containing(chains::QAZNET_ROOT)
}

fn injected_expired() -> Case {
    Case::new("chain-injected-expired", intercepted(RCKU, &chains::rcku_injected()).at_unix_time(MARCH_2021))
        .shows("The same chain, captured after its intermediate had expired.")
        .rule("Validity at capture time is reported and never suppresses.")
        .attempt(RCKU, "completed")
        .alert(DETECTOR, "proven", RCKU)
        .containing(chains::QAZNET_ROOT)
}

fn lookalike() -> Case {
    Case::new("chain-lookalike", direct("look.example", &chains::lookalike()))
        .shows("A chain with the names of 2019 byte for byte, and keys that are not theirs.")
        .rule("Names without a signature that verifies are `claimed`, with `signature: fails`; never `proven`.")
        .attempt("look.example", "completed")
        .alert(DETECTOR, "claimed", "look.example")
        .containing("\"fails\"")
}

fn genuine() -> Case {
    Case::new("chain-genuine-2019", direct(RCKU, &chains::rcku_genuine()).at_unix_time(JULY_2019))
        .shows("The genuine chain of the same server at the same time.")
        .rule(INNOCENT)
        .attempt(RCKU, "completed")
        .having("hushwire.chain[].sha256", json!(chains::RCKU_GENUINE_LEAF))
}

fn listed_by_onecrl() -> Case {
    Case::new("chain-listed-by-onecrl", direct("revoked.example", &chains::revoked()))
        .shows("A chain whose intermediate a OneCRL file lists by issuer and serial.")
        .rule("OneCRL entries are of class `revoked`: recorded, never an interception alert.")
        .args(&["--blocklist", "{case}/onecrl.json"])
        .file("onecrl.json", chains::REVOKED_ONECRL)
        .attempt("revoked.example", "completed")
}

fn listed_root_appended() -> Case {
    let chain = [chains::rcku_genuine(), vec![chains::qaznet_root()]].concat();
    Case::new("chain-listed-root-appended", direct(RCKU, &chain).at_unix_time(JULY_2019))
        .shows("A genuine chain with a blocklisted root appended, which signed nothing in it.")
        .rule("Certificates that no link reaches are facts only: a listed root appended to an innocent chain proves nothing.")
        .attempt(RCKU, "completed")
}

fn client_certificate() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12("www.example");
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &chains::demo(), Answer::Full)).acks(Client);
    c.sends(Client, &handshake_record(&certificate(&chains::rcku_injected())));
    finishes_tls12(&mut c, &hello);
    Case::new("chain-of-the-client", Story::of([c]).at_unix_time(JULY_2019))
        .shows("A client presents the chain of 2019 as its own certificate.")
        .rule("Client chains are never matched.")
        .attempt("www.example", "completed")
}
