//! The programs that answer, as plans: nginx for the servers and for an interceptor, mitmproxy as one that others wrote.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::command::Command;
use super::front;
use super::keys::Keys;
use super::topology::BACK_DOOR;
use crate::lab::scenario::{Program, Scenario, Server, TlsVersion};

const HTTPS: u16 = 443;
/// What the servers have to give: more than any scenario asks for.
pub(super) const BODY: &str = "body";
/// Its length.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// A configuration of nginx.
pub(super) struct Configuration {
    /// Where it is to be written.
    pub(super) file: PathBuf,
    /// What it says.
    pub(super) text: String,
    /// Where this nginx listens.
    pub(super) listens: Vec<SocketAddr>,
}

/// Writes configurations: who speaks with which newest version on which addresses, with which chains.
struct Nginx<'a> {
    folder: &'a Path,
    stem: &'a str,
    keys: &'a Keys,
}

/// nginx for the servers that have these keys: its configuration, in a file with this stem.
pub(super) fn servers(scenario: &Scenario, keys: &Keys, folder: &Path, stem: &str) -> Configuration {
    let back_door = scenario.interceptor.is_some() && scenario.real.interceptor == Program::Mitmproxy;
    let back_door = back_door.then_some(SocketAddr::new(BACK_DOOR, HTTPS));
    let listens = |server: &Server| match front::is_needed(server) {
        true => [front::BEHIND].into_iter().chain(back_door).collect(),
        false => addresses(server).chain(back_door).collect(),
    };
    Nginx { folder, stem, keys }.configuration(scenario, |server| (server.tls, listens(server)))
}

/// nginx for the interceptor, which answers on the servers' addresses.
pub(super) fn interceptor(scenario: &Scenario, newest: TlsVersion, keys: &Keys, folder: &Path) -> Configuration {
    let nginx = Nginx { folder, stem: "nginx-interceptor", keys };
    nginx.configuration(scenario, |server| (newest, addresses(server).collect()))
}

/// Where a server is asked.
pub(super) fn addresses(server: &Server) -> impl Iterator<Item = SocketAddr> {
    server.addresses.iter().map(|address| SocketAddr::new(*address, HTTPS))
}

/// Runs nginx with a configuration.
pub(super) fn nginx(namespace: &str, configuration: &Path) -> Command {
    Command::new("nginx -c").arg(configuration.to_string_lossy()).within(namespace)
}

/// Runs mitmproxy on all addresses of the interceptor; it asks the true server, and signs with a root of its own that it
/// makes in `folder`.
pub(super) fn mitmproxy(namespace: &str, newest: TlsVersion, folder: &Path, trusted: &Path) -> Command {
    let newest = if newest == TlsVersion::Tls13 { "UNBOUNDED" } else { "TLS1_2" };
    Command::new("mitmdump --listen-port 443 --mode")
        .arg(format!("reverse:https://{BACK_DOOR}:443"))
        .args("--set")
        .arg(format!("confdir={}", folder.to_string_lossy()))
        .args("--set")
        .arg(format!("ssl_verify_upstream_trusted_ca={}", trusted.to_string_lossy()))
        .args(&format!("--set tls_version_client_max={newest}"))
        .within(namespace)
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
    /// Of each server, `habits` says the newest version and where it listens.
    fn configuration(
        &self,
        scenario: &Scenario,
        habits: impl Fn(&Server) -> (TlsVersion, Vec<SocketAddr>),
    ) -> Configuration {
        let (mut text, mut listens) = (self.head(), Vec::new());
        for (name, chain) in &self.keys.chains {
            if let Some(server) = scenario.server_of(name) {
                let (newest, here) = habits(server);
                self.push_server(&mut text, name, chain, &here, newest);
                listens.extend(here);
            }
        }
        text.push_str("}\n");
        listens.sort_unstable();
        listens.dedup();
        Configuration { file: self.folder.join(self.stem).with_extension("conf"), text, listens }
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

    fn push_server(&self, text: &mut String, name: &str, chain: &Path, addresses: &[SocketAddr], newest: TlsVersion) {
        let versions = if newest == TlsVersion::Tls13 { "TLSv1.2 TLSv1.3" } else { "TLSv1.2" };
        let listen: String = addresses.iter().map(|address| format!("listen {address} ssl http2;\n")).collect();
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
