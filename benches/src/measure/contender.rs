//! Who is compared: the bare loop, the tool under test, and others where they are installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What stands for the capture's path in a command.
const CAPTURE: &str = "{}";

/// A command over a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// What the table calls it.
    pub name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Contender {
    /// A command whose argument `{}` stands for the capture.
    pub fn new(name: &str, program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { name: name.to_owned(), program: program.into(), arguments }
    }

    /// A command typed as `name=program argument… {}`; words are separated by spaces.
    pub fn typed(text: &str) -> Option<Self> {
        let (name, command) = text.split_once('=')?;
        let mut words = command.split_whitespace();
        let program = words.next()?;
        Some(Self::new(name, program, &words.collect::<Vec<_>>()))
    }

    /// The program and its arguments for a capture.
    pub fn command(&self, capture: &Path) -> Vec<OsString> {
        let argument = |word: &OsString| if word == CAPTURE { capture.into() } else { word.clone() };
        std::iter::once(self.program.clone().into()).chain(self.arguments.iter().map(argument)).collect()
    }
}

/// The other tools that are installed, as they would be used for what this one does.
pub fn on_path() -> Vec<Contender> {
    let all = [
        // With `-S`, since relative sequence numbers would cost it a list of all connections.
        Contender::new("tcpdump -nS", "tcpdump", &["-n", "-S", "-r", CAPTURE]),
        Contender::new("argus", "argus", &["-X", "-r", CAPTURE, "-w", "/dev/null"]),
        Contender::new("ndpiReader", "ndpiReader", &["-q", "-i", CAPTURE]),
        Contender::new(
            "tshark, names of hellos",
            "tshark",
            &[
                "-n",
                "-r",
                CAPTURE,
                "-Y",
                "tls.handshake.type==1",
                "-T",
                "fields",
                "-e",
                "tls.handshake.extensions_server_name",
            ],
        ),
    ];
    all.into_iter().filter(|contender| is_installed(&contender.program)).collect()
}

fn is_installed(program: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capture_takes_its_place_among_the_arguments() {
        let contender = Contender::typed("two words=tool -r {} -q").unwrap();
        assert_eq!(contender.name, "two words");
        assert_eq!(contender.command(Path::new("/a b")), ["tool", "-r", "/a b", "-q"]);
        assert_eq!(Contender::typed("no command"), None);
        assert_eq!(Contender::typed("nothing="), None);
    }
}
