//! The truth about a generated capture: what became of each handshake, as comma-separated values.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

/// The columns.
pub const HEADER: &str = "proto,src_ip,src_port,dest_ip,dest_port,sni,outcome,certificate";

/// One handshake; what is not known or not sent in clear is empty.
#[derive(Clone, Debug)]
pub struct Line {
    /// `tcp` or `udp`.
    pub proto: &'static str,
    /// The hello's sender.
    pub client: SocketAddr,
    /// Its receiver.
    pub server: SocketAddr,
    /// The server name.
    pub name: String,
    /// The outcome as the tool under test names it.
    pub outcome: &'static str,
    /// SHA-256 of the leaf, where the chain is sent in clear.
    pub certificate: Option<[u8; 32]>,
}

/// Writes the file.
#[derive(Debug)]
pub struct Truth<W>(W);

impl<W: Write> Truth<W> {
    /// A file with its header.
    pub fn new(mut out: W) -> io::Result<Self> {
        writeln!(out, "{HEADER}")?;
        Ok(Self(out))
    }

    /// Adds a handshake.
    pub fn write(&mut self, line: &Line) -> io::Result<()> {
        let Line { proto, client, server, name, outcome, certificate } = line;
        let hash = certificate.as_ref().map(|hash| dissectors::x509::Hex(hash));
        let hash = hash.as_ref().map_or(&"" as &dyn Display, |hash| hash);
        let (from, to) = (client.ip(), server.ip());
        writeln!(self.0, "{proto},{from},{},{to},{},{name},{outcome},{hash}", client.port(), server.port())
    }

    /// Writes what is still held.
    pub fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_every_column() {
        let mut out = Vec::new();
        let line = Line {
            proto: "tcp",
            client: "10.0.0.1:1024".parse().unwrap(),
            server: "[2001:db8::1]:443".parse().unwrap(),
            name: "a.example".into(),
            outcome: "completed",
            certificate: Some([0xab; 32]),
        };
        let mut truth = Truth::new(&mut out).unwrap();
        truth.write(&line).unwrap();
        truth.write(&Line { certificate: None, ..line }).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!("tcp,10.0.0.1,1024,2001:db8::1,443,a.example,completed,{}", "ab".repeat(32)));
        assert_eq!(lines[2], "tcp,10.0.0.1,1024,2001:db8::1,443,a.example,completed,");
        assert_eq!(lines[0].matches(',').count(), lines[2].matches(',').count());
    }
}
