//! The hosts of a run: servers and interceptor with their keys, and the captures beside them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::clients::Kit;
use super::command::Command;
use super::daemons::{self, Daemons};
use super::error::RealError;
use super::front::{self, Front};
use super::keys::Keys;
use super::servers::{self, BODY, BODY_BYTES, Configuration};
use super::topology::{INTERFACE, Places};
use crate::lab::point::Point;
use crate::lab::scenario::{Interceptor, Program, Scenario, Server};
use crate::middlebox::Port;

/// Hosts at work.
pub(super) struct Hosts<'a> {
    scenario: &'a Scenario,
    places: &'a Places,
    folder: &'a Path,
    /// The programs.
    pub(super) daemons: Daemons,
    /// The interceptor's root in PEM.
    pub(super) interception_root: Option<String>,
    fronts: Vec<Front>,
}

impl<'a> Hosts<'a> {
    /// Starts servers and interceptor, with their files in `folder`, and waits until they answer; what clients bring along.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, or a program does not get ready.
    pub(super) fn start(
        scenario: &'a Scenario,
        places: &'a Places,
        folder: &'a Path,
    ) -> Result<(Self, Kit), RealError> {
        write(&folder.join(BODY), &vec![b'.'; BODY_BYTES])?;
        let names = names(scenario);
        let keys = Keys::of_servers(scenario, &names, folder)?;
        let public = folder.join("public-root.pem");
        write(&public, keys.root.as_bytes())?;
        let (daemons, interception_root) = (Daemons::default(), None);
        let mut hosts = Self { scenario, places, folder, daemons, interception_root, fronts: Vec::new() };
        let peer = super::peer().unwrap_or_default();
        for port in [Port::Inside, Port::Outside] {
            hosts.serve(places.behind(port), &keys.behind(port, scenario), &peer)?;
            hosts.put_fronts(places.behind(port), port)?;
        }
        if let Some(it) = &scenario.interceptor {
            hosts.interception_root = Some(hosts.intercept(it, &keys, &public)?);
        }
        let both = folder.join("both-roots.pem");
        write(&both, format!("{}{}", keys.root, hosts.interception_root.as_deref().unwrap_or_default()).as_bytes())?;
        Ok((hosts, Kit { public, both, peer }))
    }

    /// Captures at the hosts, where the scenario asks for it, into files in `captures`.
    ///
    /// # Errors
    ///
    /// If tcpdump does not get ready.
    pub(super) fn capture(&mut self, captures: &Path) -> Result<(), RealError> {
        let ends = [(Point::Client, &self.places.inside), (Point::Server, &self.places.outside)];
        for (point, namespace) in ends {
            if self.scenario.path.vantages.contains(&point) {
                let log = self.fresh_log(&format!("tcpdump-{}", point.as_str()))?;
                let file = captures.join(point.capture_of_program());
                self.run(&tcpdump(namespace, &file), &log, "listening on")?;
            }
        }
        Ok(())
    }

    /// Starts the servers of these keys, if there are any.
    fn serve(&mut self, namespace: &str, keys: &Keys, peer: &Path) -> Result<(), RealError> {
        if keys.chains.is_empty() {
            return Ok(());
        }
        let configuration = servers::servers(self.scenario, keys, self.folder, &format!("nginx-{namespace}"));
        self.nginx(namespace, &configuration)?;
        if keys.names().any(|name| servers::asked_over_quic(self.scenario, name)) {
            let log = self.fresh_log("quic")?;
            self.run(&servers::quic(self.scenario, peer, keys).within(namespace), &log, "ready")?;
        }
        Ok(())
    }

    /// Puts a front before each busy server behind a port.
    fn put_fronts(&mut self, namespace: &str, port: Port) -> Result<(), RealError> {
        let busy = |server: &&Server| server.side.port() == port && front::is_needed(server);
        for (number, server) in self.scenario.servers.iter().filter(busy).enumerate() {
            let (addresses, seed) =
                (servers::addresses(server).collect(), format!("{} front {number}", self.scenario.seed));
            self.fronts.push(Front::start(namespace, server, addresses, &seed)?);
        }
        Ok(())
    }

    /// Starts the interceptor of what these servers serve; its root in PEM.
    fn intercept(&mut self, it: &Interceptor, true_keys: &Keys, trusted: &Path) -> Result<String, RealError> {
        let Some(namespace) = &self.places.interceptor else { return Ok(String::new()) };
        if self.scenario.real.interceptor == Program::Mitmproxy {
            let log = self.fresh_log("mitmproxy")?;
            self.daemons.start(&servers::mitmproxy(namespace, it.tls, self.folder, trusted), &log)?;
            let listens = servers::listening(self.scenario, true_keys.names());
            self.wait_for(namespace, &listens)?;
            let root = servers::mitmproxy_root(self.folder);
            return fs::read_to_string(&root).map_err(RealError::file(&root));
        }
        let names: Vec<String> = true_keys.names().map(str::to_owned).collect();
        let keys = Keys::of_interceptor(self.scenario, it, &names, self.folder)?;
        self.nginx(namespace, &servers::interceptor(self.scenario, it.tls, &keys, self.folder))?;
        Ok(keys.root)
    }

    fn nginx(&mut self, namespace: &str, configuration: &Configuration) -> Result<(), RealError> {
        write(&configuration.file, configuration.text.as_bytes())?;
        let log = self.fresh_log("nginx")?;
        self.daemons.start(&servers::nginx(namespace, &configuration.file), &log)?;
        self.wait_for(namespace, &configuration.listens)
    }

    /// Starts a program, and waits until it says these words.
    fn run(&mut self, command: &Command, log: &Path, words: &str) -> Result<(), RealError> {
        self.daemons.start(command, log)?;
        let says = || fs::read_to_string(log).is_ok_and(|said| said.contains(words));
        self.daemons.wait_until(&command.program, says)
    }

    fn wait_for(&mut self, namespace: &str, addresses: &[SocketAddr]) -> Result<(), RealError> {
        self.daemons.wait_until("a server", || daemons::listens(namespace, addresses))
    }

    /// The file for what a program says, empty.
    fn fresh_log(&self, program: &str) -> Result<PathBuf, RealError> {
        let log = self.folder.join(program).with_extension("said");
        write(&log, b"")?;
        Ok(log)
    }
}

/// All names that are asked for, each once.
fn names(scenario: &Scenario) -> Vec<String> {
    let asked = scenario.traffic.iter().flat_map(|traffic| &traffic.names);
    let mut names: Vec<String> = asked.map(|name| name.get_ref().clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whole packets, each written as soon as it is seen.
fn tcpdump(namespace: &str, file: &Path) -> Command {
    let command = Command::new("tcpdump -s 0 --immediate-mode -U -Z root -i").arg(INTERFACE);
    command.arg("-w").arg(file.to_string_lossy()).arg("tcp or udp or icmp or icmp6").within(namespace)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), RealError> {
    fs::write(path, bytes).map_err(RealError::file(path))
}
