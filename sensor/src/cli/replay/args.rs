//! What can be typed after `hushwire replay`, and what it means.

use std::path::PathBuf;

use sensor::engine::Embedded;
use sensor::replay::Config;

use crate::cli::settings::SettingsArgs;

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

    /// Read TLS 1.3 and QUIC handshakes as far as the server's certificates with the secrets in this key log
    ///
    /// The format of SSLKEYLOGFILE. It must have the server's handshake secrets, as browsers, curl and OpenSSL write them.
    /// Those inside pcapng files are used too. Secrets are never written out.
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    keylog: Option<PathBuf>,

    /// Leave alone the key logs inside pcapng files
    #[arg(long, help_heading = "Input")]
    no_embedded_keys: bool,

    /// Print summary.json instead of the table
    #[arg(long, help_heading = "Output")]
    pub(super) json: bool,

    /// Print no table and show no progress; problems are still named
    #[arg(short, long, conflicts_with = "json", help_heading = "Output")]
    pub(super) quiet: bool,

    /// Names in the table
    #[arg(long, value_name = "N", default_value_t = TOP, help_heading = "Output")]
    pub(super) top: usize,

    /// Exit with status 1 if there is an alert
    #[arg(long, help_heading = "Judging")]
    pub(super) fail_on_alert: bool,

    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

impl Args {
    /// What was meant.
    pub(super) fn config(&self) -> Config {
        Config {
            inputs: self.captures.clone(),
            continuous: self.continuous,
            filter: self.filter.clone(),
            keylog: self.keylog.clone(),
            embedded_keys: if self.no_embedded_keys { Embedded::Ignored } else { Embedded::Used },
            settings: self.settings.meant(),
        }
    }
}
