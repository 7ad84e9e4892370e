//! The programs that ask, as plans: curl, openssl s_client where the hello must be longer than a packet, and our own peer
//! for QUIC and for hellos that are cut.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::Command;
use super::servers::BODY;
use crate::lab::scenario::TlsVersion;
use crate::lab::schedule::Ask;

/// Protocols that nobody speaks, offered to make a hello as long as one with a hybrid key share, which Debian's openssl
/// 3.0 does not know: 1,216 bytes of ML-KEM-768 (draft-ietf-tls-ecdhe-mlkem) are five of 240.
const FILLERS: usize = 5;
const FILLER_LENGTH: usize = 240;

/// How much longer than its patience without progress a client may take for everything.
const SLOWNESS: Duration = Duration::from_secs(60);

/// What clients bring along.
pub(super) struct Kit {
    /// The public root, in a file.
    pub(super) public: PathBuf,
    /// The public root and the interceptor's, in a file.
    pub(super) both: PathBuf,
    /// Our own peer, of use to traffic that needs it alone.
    pub(super) peer: PathBuf,
}

/// One connection's client.
pub(super) struct Client<'a> {
    /// Who asks whom for what.
    pub(super) ask: Ask<'a>,
    /// From which port.
    pub(super) port: u16,
    /// How long without progress until it gives up.
    pub(super) waits: Duration,
    /// How many bytes it asks for.
    pub(super) bytes: u64,
    /// Whether it trusts the interceptor.
    pub(super) trusts_interceptor: bool,
}

impl Client<'_> {
    /// What runs it.
    pub(super) fn command(&self, namespace: &str, kit: &Kit) -> Command {
        let roots = if self.trusts_interceptor { &kit.both } else { &kit.public };
        let roots = roots.to_string_lossy().into_owned();
        let traffic = self.ask.traffic;
        let command = match traffic.tls == TlsVersion::Tls13 && traffic.post_quantum {
            _ if traffic.needs_peer() => self.peer(&kit.peer, roots),
            true => self.openssl(roots),
            false => self.curl(roots),
        };
        command.within(namespace)
    }

    fn last_byte(&self) -> u64 {
        self.bytes.saturating_sub(1)
    }

    fn curl(&self, roots: String) -> Command {
        let Self { ask, port, waits, .. } = self;
        let (patience, longest) = (waits.as_secs_f64(), (*waits + SLOWNESS).as_secs_f64());
        let command = Command::new("curl --silent --show-error --output /dev/null --speed-limit 1")
            .args(&format!("--connect-timeout {patience} --speed-time {} --max-time {longest}", patience.ceil()))
            .args(&format!("--interface {} --local-port {port} --range 0-{}", ask.client, self.last_byte()))
            .args(&format!("--resolve {}:{}:{}", ask.name, ask.server.port(), ask.server.ip()))
            .arg("--cacert")
            .arg(roots);
        let command = if ask.traffic.tls == TlsVersion::Tls12 { command.args("--tls-max 1.2") } else { command };
        command.arg(format!("https://{}/{BODY}", ask.name))
    }

    fn openssl(&self, roots: String) -> Command {
        let Self { ask, port, waits, .. } = self;
        let from = SocketAddr::new(ask.client, *port);
        let protocols = std::iter::once("http/1.1".to_owned()).chain((0..FILLERS).map(filler)).collect::<Vec<_>>();
        let request = format!(
            "GET /{BODY} HTTP/1.1\r\nHost: {}\r\nRange: bytes=0-{}\r\nConnection: close\r\n\r\n",
            ask.name,
            self.last_byte()
        );
        Command::new("timeout")
            .arg(waits.as_secs_f64().to_string())
            .args(&format!("openssl s_client -quiet -bind {from} -connect {} -servername {}", ask.server, ask.name))
            .args(&format!("-verify_hostname {} -verify_return_error -CAfile", ask.name))
            .arg(roots)
            .arg("-alpn")
            .arg(protocols.join(","))
            .reading(request.into_bytes())
    }

    fn peer(&self, peer: &Path, roots: String) -> Command {
        let Self { ask, port, waits, bytes, .. } = self;
        let from = SocketAddr::new(ask.client, *port);
        let command = Command::default().program(peer).arg("fetch").arg("--roots").arg(roots);
        let command = command.args(&format!("--from {from} --to {} --name {} --bytes {bytes}", ask.server, ask.name));
        let mut command = command.args(&format!("--patience {}", waits.as_secs_f64()));
        if ask.traffic.quic_prelude {
            command = command.arg("--prelude");
        }
        for (option, size) in [("--records", ask.traffic.records), ("--segments", ask.traffic.segments)] {
            if let (Some(size), false) = (size, ask.traffic.quic) {
                command = command.arg(option).arg(size.to_string());
            }
        }
        command
    }
}

fn filler(number: usize) -> String {
    format!("{number}{}", "x".repeat(FILLER_LENGTH - 1))
}
