//! Programs that are to be run, as data: what is planned can be read and tested without running it.

use std::fmt;
use std::path::Path;

/// A program with its arguments, in a network namespace or in none of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// The namespace that it runs in.
    pub(super) namespace: Option<String>,
    /// The program, found as a shell would.
    pub(super) program: String,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
    /// What it reads from its standard input.
    pub(super) input: Vec<u8>,
}

impl Command {
    /// A program with the arguments that stand in `line`, separated by spaces.
    pub(super) fn new(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        Self {
            namespace: None,
            program: words.next().unwrap_or_default(),
            arguments: words.collect(),
            input: Vec::new(),
        }
    }

    /// The same of the program in this file.
    pub(super) fn program(self, file: &Path) -> Self {
        Self { program: file.to_string_lossy().into_owned(), ..self }
    }

    /// The same with one argument more, which may hold spaces.
    pub(super) fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The same with the words of `line` as further arguments.
    pub(super) fn args(mut self, line: &str) -> Self {
        self.arguments.extend(line.split_whitespace().map(str::to_owned));
        self
    }

    /// The same in a namespace.
    pub(super) fn within(self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self }
    }

    /// The same with something to read.
    pub(super) fn reading(self, input: Vec<u8>) -> Self {
        Self { input, ..self }
    }

    /// All words in the order in which they are handed to the system: where there is a namespace, `ip` enters it.
    pub(super) fn words(&self) -> Vec<&str> {
        let entering = self.namespace.iter().flat_map(|namespace| ["ip", "netns", "exec", namespace.as_str()]);
        let own = std::iter::once(&self.program).chain(&self.arguments).map(String::as_str);
        entering.chain(own).collect()
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_enters_its_namespace_by_ip() {
        let command = Command::new("tcpdump -i c0").arg("tcp port 443").args("-s 0");
        assert_eq!(command.words(), ["tcpdump", "-i", "c0", "tcp port 443", "-s", "0"]);
        assert_eq!(command.within("n").to_string(), "ip netns exec n tcpdump -i c0 tcp port 443 -s 0");
    }
}
