//! The programs that answer, as plans: nginx for the servers and for an interceptor, mitmproxy as one that others wrote.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::command::Command;
use super::keys::Keys;
use super::topology::BACK_DOOR;
use crate::lab::scenario::{Program, Scenario, Server, TlsVersion};

const HTTPS: u16 = 443;
/// What the servers have to give: more than any scenario asks for.
pub(super) const BODY: &str = "body";
/// Its length.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// A configuration of nginx: who speaks with which newest version on which addresses, with which chains.
struct Nginx<'a> {
    folder: &'a Path,
    stem: &'a str,
    keys: &'a Keys,
}

/// nginx for the servers that have these keys: its configuration's file, with this stem, and text.
pub(super) fn servers(scenario: &Scenario, keys: &Keys, folder: &Path, stem: &str) -> (PathBuf, String) {
    let nginx = Nginx { folder, stem, keys };
    let back_door = scenario.interceptor.is_some() && scenario.real.interceptor == Program::Mitmproxy;
    nginx.configuration(scenario, |server| server.tls, back_door)
}

/// nginx for the interceptor, which answers on the servers' addresses.
pub(super) fn interceptor(scenario: &Scenario, newest: TlsVersion, keys: &Keys, folder: &Path) -> (PathBuf, String) {
    let nginx = Nginx { folder, stem: "nginx-interceptor", keys };
    nginx.configuration(scenario, |_| newest, false)
}

/// Runs nginx with a configuration.
pub(super) fn nginx(namespace: &str, configuration: &Path) -> Command {
    Command::new("nginx -c").arg(configuration.to_string_lossy()).within(namespace)
}

/// Runs mitmproxy on all addresses of the interceptor; it asks the true server, and signs with a root of its own that it
/// makes in `folder`.
pub(super) fn mitmproxy(namespace: &str, folder: &Path, trusted: &Path) -> Command {
    let option = |name: &str, value: &Path| format!("{name}={}", value.to_string_lossy());
    let command = Command::new("mitmdump --listen-port 443 --mode").arg(format!("reverse:https://{BACK_DOOR}:443"));
    let command = command.args("--set").arg(option("confdir", folder));
    let command = command.args("--set").arg(option("ssl_verify_upstream_trusted_ca", trusted));
    command.within(namespace)
}

/// Where mitmproxy leaves its root.
pub(super) fn mitmproxy_root(folder: &Path) -> PathBuf {
    folder.join("mitmproxy-ca-cert.pem")
}

/// Runs our own peer, which answers over QUIC for those of the names that are asked for so.
pub(super) fn quic(scenario: &Scenario, peer: &Path, keys: &Keys) -> Command {
    let command = Command::default().program(peer).arg("serve").arg("--key").arg(keys.key.to_string_lossy());
    let chains: Vec<_> = keys.chains.iter().filter(|(name, _)| asked_over_quic(scenario, name)).collect();
    let option = |(name, file): &(String, PathBuf)| format!("{name}={}", file.to_string_lossy());
    let command = chains.iter().fold(command, |command, chain| command.arg("--chain").arg(option(chain)));
    let addresses = listening(scenario, chains.iter().map(|(name, _)| name.as_str()));
    addresses.iter().fold(command, |command, address| command.arg(address.to_string()))
}

/// Whether a name is asked for over QUIC.
pub(super) fn asked_over_quic(scenario: &Scenario, name: &str) -> bool {
    let traffic = scenario.traffic.iter().filter(|traffic| traffic.quic);
    traffic.flat_map(|traffic| &traffic.names).any(|other| other.get_ref() == name)
}

/// Every address on which a server of these names answers.
pub(super) fn listening<'a>(scenario: &Scenario, names: impl Iterator<Item = &'a str>) -> Vec<SocketAddr> {
    let servers = names.filter_map(|name| scenario.server_of(name));
    let addresses: Vec<IpAddr> = servers.flat_map(|server| &server.addresses).copied().collect();
    let addresses = super::topology::distinct(addresses.iter());
    addresses.into_iter().map(|address| SocketAddr::new(address, HTTPS)).collect()
}

impl Nginx<'_> {
    fn configuration(
        &self,
        scenario: &Scenario,
        newest: impl Fn(&Server) -> TlsVersion,
        back_door: bool,
    ) -> (PathBuf, String) {
        let mut text = self.head();
        for (name, chain) in &self.keys.chains {
            if let Some(server) = scenario.server_of(name) {
                let mut addresses = server.addresses.clone();
                addresses.extend(BACK_DOOR.parse::<IpAddr>().ok().filter(|_| back_door));
                self.push_server(&mut text, name, chain, &addresses, newest(server));
            }
        }
        text.push_str("}\n");
        (self.folder.join(self.stem).with_extension("conf"), text)
    }

    fn head(&self) -> String {
        let at = |ending: &str| self.folder.join(self.stem).with_extension(ending).to_string_lossy().into_owned();
        let mut text = format!(
            "user root;\ndaemon off;\nworker_processes 1;\npid \"{}\";\nerror_log \"{}\";\nevents {{}}\nhttp {{\n\
             access_log off;\nssl_session_cache none;\nssl_session_tickets off;\nroot \"{}\";\n",
            at("pid"),
            at("log"),
            self.folder.to_string_lossy()
        );
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{kind}_temp_path \"{}\";", at(kind));
        }
        text
    }

    fn push_server(&self, text: &mut String, name: &str, chain: &Path, addresses: &[IpAddr], newest: TlsVersion) {
        let versions = if newest == TlsVersion::Tls13 { "TLSv1.2 TLSv1.3" } else { "TLSv1.2" };
        let listen: String = addresses
            .iter()
            .map(|address| format!("listen {} ssl http2;\n", SocketAddr::new(*address, HTTPS)))
            .collect();
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "server {{\nserver_name {name};\n{listen}ssl_protocols {versions};\nssl_certificate \"{}\";\n\
             ssl_certificate_key \"{}\";\n}}\n",
            chain.to_string_lossy(),
            self.keys.key.to_string_lossy()
        );
    }
}
