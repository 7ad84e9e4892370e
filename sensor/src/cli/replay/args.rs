//! What can be typed after `hushwire replay`, and what it means.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use rules::vantage::Vantage;
use sensor::engine::{Embedded, SHARDS};
use sensor::replay::{Config, Limits};

use crate::cli::anonymize::AnonymizeArgs;

/// Names in the table where `--top` says nothing: what a terminal shows at once.
const TOP: usize = 30;

const EXAMPLES: &str = "\
Examples:
  hushwire replay capture.pcap
          Read a capture and show the table, write nothing

  hushwire replay captures/ -o out
          Read all captures of a folder; events, statistics and a summary go to out/

  hushwire replay capture.pcap.zst -o out --blocklist my-roots.pem --fail-on-alert
          Look for chains under roots of your own too; exit status 1 if there is an alert

  tcpdump -i eth0 -w - | hushwire replay - -o out
          Read standard input

  hushwire replay captures/ -o out --anonymize keyed --anonymize-key secret
          Write pseudonyms of the addresses; `openssl rand -hex 32` makes a key

  hushwire replay ring/ -o out --continuous --filter 'net 198.51.100.0/24 and port 443'
          Join the files of a ring buffer in time order, and look at one network

  hushwire replay lab.pcapng -o out --keylog keys.txt
          Look at the certificates of TLS 1.3 and QUIC too, with the secrets that the client wrote down

Files in the folder of -o:
  eve.json      one line an attempt or alert, fields named as in Suricata's EVE
  sni.csv       one row a server name: attempts, outcomes, alerts, times
  sni.json      the same with histograms that merge without loss
  summary.json  counts, the capture's quality, limits that were reached

Exit status: 0 done; 1 done and there are alerts, with --fail-on-alert; 2 something could not be read or written (what \
could be read is still reported).";

/// Find interference in captures
///
/// Reads captures (pcap, pcapng; plain, gzip, zstd, lz4 or xz), follows every TLS and QUIC handshake in them, and shows for
/// each server name what came of its attempts. With -o, every attempt and every alert is written down with its evidence.
///
/// What cannot be decided (packets lost, one direction missing, the capture over too soon) is counted as undecided and never
/// accuses.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, after_help = "`hushwire replay --help` has examples.")]
pub(in crate::cli) struct Args {
    /// Capture files, folders of them, or - for standard input
    #[arg(required = true, value_name = "CAPTURE", help_heading = "Input")]
    captures: Vec<PathBuf>,

    /// Read only frames for which this libpcap filter holds
    ///
    /// As for tcpdump. `len` is the captured length.
    #[arg(long, value_name = "EXPR", help_heading = "Input")]
    filter: Option<String>,

    /// Join all files in time order, as those of a ring buffer
    ///
    /// Otherwise each file is a capture of its own, with flows of its own.
    #[arg(long, help_heading = "Input")]
    continuous: bool,

    /// Skip packets with wrong checksums
    ///
    /// They are otherwise only counted: network cards compute checksums after the capture.
    #[arg(long, help_heading = "Input")]
    checksums: bool,

    /// Read TLS 1.3 and QUIC handshakes as far as the server's certificates with the secrets in this key log
    ///
    /// The format of SSLKEYLOGFILE. It must have the server's handshake secrets, as browsers, curl and OpenSSL write them.
    /// Those inside pcapng files are used too. Secrets are never written out.
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    keylog: Option<PathBuf>,

    /// Leave alone the key logs inside pcapng files
    #[arg(long, help_heading = "Input")]
    no_embedded_keys: bool,

    /// Folder for eve.json, sni.csv, sni.json and summary.json; made if missing
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,

    /// Write the whole story of healthy attempts too
    #[arg(long, requires = "output", help_heading = "Output")]
    full: bool,

    #[command(flatten)]
    anonymize: AnonymizeArgs,

    /// Print summary.json instead of the table
    #[arg(long, help_heading = "Output")]
    pub(super) json: bool,

    /// Print no table and show no progress; problems are still named
    #[arg(short, long, conflicts_with = "json", help_heading = "Output")]
    pub(super) quiet: bool,

    /// Names in the table
    #[arg(long, value_name = "N", default_value_t = TOP, help_heading = "Output")]
    pub(super) top: usize,

    /// Alert on soft findings too: silences of 3 to 10 s, resets without proof of injection
    #[arg(long, help_heading = "Judging")]
    alert_soft: bool,

    /// Certificates, keys and names to look for in chains, beside the built-in ones; a file or a folder, repeatable
    #[arg(long = "blocklist", value_name = "PATH", help_heading = "Judging")]
    blocklists: Vec<PathBuf>,

    /// Where the capture was made, if you know better than the round trips
    #[arg(long, value_name = "PLACE", value_parser = vantages(), help_heading = "Judging")]
    vantage: Option<Vantage>,

    /// Exit with status 1 if there is an alert
    #[arg(long, help_heading = "Judging")]
    pub(super) fail_on_alert: bool,

    /// Threads that follow flows; the results are the same for any number [default: one a core]
    #[arg(long, value_name = "N", help_heading = "Limits")]
    workers: Option<NonZeroUsize>,

    /// Server names counted apart; all others are (other)
    #[arg(long, value_name = "N", default_value_t = Limits::default().names, help_heading = "Limits")]
    max_names: NonZeroUsize,

    /// Handshakes followed at once; beyond them the longest idle are evicted, and undecided
    #[arg(long, value_name = "N", default_value_t = Limits::default().handshakes, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Limits")]
    max_handshakes: u32,

    /// Flows remembered at once after their handshake
    #[arg(long, value_name = "N", default_value_t = Limits::default().settled, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Limits")]
    max_flows: u32,
}

/// The places that one can know; `unknown` is what estimates say.
pub(in crate::cli) fn vantages() -> impl TypedValueParser<Value = Vantage> {
    let known = Vantage::ALL.iter().filter(|vantage| **vantage != Vantage::Unknown);
    PossibleValuesParser::new(known.map(|vantage| vantage.as_str())).try_map(|word| word.parse::<Vantage>())
}

impl Args {
    /// What was meant.
    pub(super) fn config(&self) -> Config {
        Config {
            inputs: self.captures.clone(),
            output: self.output.clone(),
            workers: self.workers.map_or_else(cores, NonZeroUsize::get).min(SHARDS),
            continuous: self.continuous,
            filter: self.filter.clone(),
            checksums: self.checksums,
            full: self.full,
            alert_soft: self.alert_soft,
            blocklists: self.blocklists.clone(),
            vantage: self.vantage,
            anonymize: self.anonymize.meant(),
            keylog: self.keylog.clone(),
            embedded_keys: if self.no_embedded_keys { Embedded::Ignored } else { Embedded::Used },
            limits: Limits { handshakes: self.max_handshakes, settled: self.max_flows, names: self.max_names },
        }
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
