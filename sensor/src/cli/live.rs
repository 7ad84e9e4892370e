//! `hushwire live`.

use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use sensor::live::privileges::Privileges;
use sensor::live::{self, Config, Finished, HIDDEN_BY_PORTS, Options, Signals, Watcher, ports_filter};
use sensor::output::Rotation;

use super::complain;
use super::exit::{Failure, Status};
use super::settings::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  hushwire live -i eth0 -o /var/lib/hushwire
          Follow every handshake on eth0 until Ctrl-C

  hushwire live -i tap0 -i tap1 -o out --rotate-size 1073741824 --rotate-seconds 3600
          Merge the two directions of a tap; begin a new eve.json at each GiB and each hour

  hushwire live -i eth0 -o out --ports 443,8443
          Let the kernel throw away everything else, and say what that hides

Signals: SIGINT and SIGTERM end the capture, and nothing that was captured is lost; SIGUSR1 writes the statistics now; \
SIGHUP reads rules and blocklists again (a broken file is refused, and all stay as they were).

Exit status: 0 done; 2 something could not be read or written.";

/// Find interference on network interfaces, as it happens
///
/// Captures until it is told to stop, follows every TLS and QUIC handshake, and writes the same files as `replay`.
/// Needs CAP_NET_RAW, nothing more.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, after_help = "`hushwire live --help` has examples.")]
pub(super) struct Args {
    /// Interface to capture from, or `any`; repeatable
    #[arg(
        short,
        long = "interface",
        required_unless_present = "config",
        value_name = "IFACE",
        help_heading = "Capture"
    )]
    interfaces: Vec<String>,

    /// File with options, as `hushwire config check` knows it; what is typed wins
    #[arg(long, value_name = "FILE", help_heading = "Capture")]
    pub(super) config: Option<PathBuf>,

    /// Bytes kept of each frame; fewer than the MTU hide some ClientHellos
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(68..=262_144), help_heading = "Capture")]
    snaplen: Option<u32>,

    /// Bytes of the kernel's buffer for each interface
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1 << 20..=i64::from(i32::MAX)), help_heading = "Capture")]
    buffer: Option<u32>,

    /// Bytes held of several interfaces that wait for each other; four times as many of frames that wait for keys
    #[arg(long, value_name = "BYTES", default_value_t = Options::default().held, help_heading = "Capture")]
    max_held: usize,

    /// See only frames that are for this machine
    #[arg(long, help_heading = "Capture")]
    no_promiscuous: bool,

    /// Capture and decode on as many threads as follow flows: the kernel shares the frames out (PACKET_FANOUT)
    ///
    /// Worth it where one thread cannot keep up. Flows that the kernel parts, as those inside tunnels, are put together again,
    /// and the packets that this took are counted.
    #[arg(long, help_heading = "Capture")]
    fanout: bool,

    /// Follow every flow even where the kernel loses frames
    ///
    /// Otherwise the share of the flows that is followed is halved each second in which the kernel loses frames, down to one
    /// in 64, and doubled after ten seconds without loss: all packets of fewer flows, rather than some packets of all.
    #[arg(long, help_heading = "Capture")]
    no_shed: bool,

    /// Read each frame at once, at the price of less room for bursts
    #[arg(long, help_heading = "Capture")]
    immediate: bool,

    /// Capture only what this libpcap filter lets through
    ///
    /// There is none by default: `tcp` hides QUIC, tunnels, PPPoE, MPLS, and TCP behind IPv6 extension headers.
    #[arg(long, value_name = "EXPR", help_heading = "Capture")]
    filter: Option<String>,

    /// Capture only these ports; says what that hides
    #[arg(long, value_name = "PORT", value_delimiter = ',', conflicts_with = "filter", help_heading = "Capture")]
    ports: Vec<u16>,

    /// Read TLS 1.3 and QUIC handshakes as far as the server's certificates with the secrets in this key log
    ///
    /// The format of SSLKEYLOGFILE. It is opened before privileges are given up, and read on while it grows; frames wait a
    /// second for their keys. Secrets are never written out.
    #[arg(long, value_name = "FILE", help_heading = "Capture")]
    keylog: Option<PathBuf>,

    /// Begin a new eve.json when it holds so many bytes; the old one is named by its time
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Output")]
    rotate_size: Option<u64>,

    /// Begin a new eve.json when it is so old
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Output")]
    rotate_seconds: Option<u64>,

    /// Write statistics as often as this; 0: only at SIGUSR1 and at the end
    #[arg(long, value_name = "SECONDS", default_value_t = 60, help_heading = "Output")]
    stats_seconds: u64,

    /// Say nothing but what goes wrong
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    #[command(flatten)]
    settings: SettingsArgs,

    /// Whom to become once the interfaces are open, if root starts the capture
    ///
    /// The folder of -o is made for that user; one that is there already must be the user's to write to.
    #[arg(long, value_name = "NAME", default_value = "nobody", help_heading = "Privileges")]
    user: String,

    /// Stay who started the capture, with all capabilities
    #[arg(long, help_heading = "Privileges")]
    no_drop: bool,

    /// Keep all files in reach: no Landlock
    #[arg(long, help_heading = "Privileges")]
    no_landlock: bool,

    /// Keep all system calls in reach: no seccomp
    #[arg(long, help_heading = "Privileges")]
    no_seccomp: bool,
}

/// Captures, and says what came of it.
pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let mut log = Log { quiet: args.quiet };
    if !args.ports.is_empty() {
        log.note(&format_args!("--ports hides: {HIDDEN_BY_PORTS}"));
    }
    let signals = Signals::of_process().map_err(Failure::Signals)?;
    let finished = live::run(&args.config(), &signals, &mut log).map_err(Failure::Live)?;
    tell(&finished, &mut log);
    Ok(if finished.problems > 0 { Status::Error } else { Status::Done })
}

fn tell(finished: &Finished, log: &mut Log) {
    for (name, counters) in &finished.counters {
        let (received, system, interface) = (counters.received, counters.lost_by_system, counters.lost_by_interface);
        log.note(&format_args!(
            "{name}: {received} packets, {system} lost by the kernel, {interface} by the interface"
        ));
    }
    let summary = &finished.summary;
    if let Some(handed_over) = summary.capture.handed_over {
        log.note(&format_args!("{handed_over} packets of flows that the kernel had parted"));
    }
    log.note(&format_args!("{} attempts, {} alerts", summary.attempts, summary.standing()));
}

impl Args {
    /// What was meant.
    pub(super) fn config(&self) -> Config {
        let defaults = Options::default();
        let ports = (!self.ports.is_empty()).then(|| ports_filter(&self.ports));
        Config {
            interfaces: self.interfaces.clone(),
            capture: Options {
                snaplen: self.snaplen.unwrap_or(defaults.snaplen),
                buffer: self.buffer.unwrap_or(defaults.buffer),
                held: self.max_held,
                promiscuous: !self.no_promiscuous,
                immediate: self.immediate,
                filter: self.filter.clone().or(ports),
            },
            rotation: Rotation { bytes: self.rotate_size, age: self.rotate_seconds.map(Duration::from_secs) },
            fanout: self.fanout,
            shed: !self.no_shed,
            keylog: self.keylog.clone(),
            statistics: (self.stats_seconds > 0).then(|| Duration::from_secs(self.stats_seconds)),
            settings: self.settings.meant(),
            privileges: Privileges {
                user: self.user.clone(),
                drop: !self.no_drop,
                landlock: !self.no_landlock,
                seccomp: !self.no_seccomp,
            },
        }
    }
}

/// Standard error, where a service's log is.
struct Log {
    quiet: bool,
}

impl Watcher for Log {
    fn note(&mut self, note: &dyn Display) {
        if !self.quiet {
            complain(note);
        }
    }

    fn problem(&mut self, problem: &dyn Display) {
        complain(problem);
    }
}
