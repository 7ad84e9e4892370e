use std::fs::OpenOptions;
use std::io::Write as _;

use super::*;

/// A log of this test's, and what looking at it gives.
struct Watched {
    path: PathBuf,
    log: KeyFile,
    heard: Receiver<News>,
    now: Time,
}

impl Watched {
    /// Follows a log that holds `content`, or that is not there.
    fn begin(test: &str, content: Option<&str>) -> Self {
        let path = std::env::temp_dir().join(format!("hushwire-keys-{test}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let (log, heard) = KeyFile::open(&path).unwrap();
        Self { path, log, heard, now: Time::new(1000, 0) }
    }

    fn append(&self, text: &str) {
        OpenOptions::new().append(true).open(&self.path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What a look gives, when the next one is due.
    fn look(&mut self) -> String {
        self.now = self.now.after(LOOKED_EVERY);
        let mut lines = Vec::new();
        self.log.look(self.now, false, &mut lines);
        String::from_utf8(lines).unwrap()
    }

    /// What is told, in a word each.
    fn told(&self) -> Vec<String> {
        self.heard.try_iter().map(|news| news.to_string().rsplit(": ").next().unwrap().to_owned()).collect()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[test]
fn what_is_appended_is_handed_on_by_whole_lines() {
    let mut watched = Watched::begin("append", Some("# a\n# b\n# c"));
    assert_eq!(watched.look(), "# a\n# b\n");
    assert_eq!(watched.look(), "");
    watched.append("d\n# e\n# f");
    assert_eq!(watched.look(), "# cd\n# e\n");
    watched.append("\n");
    let mut lines = Vec::new();
    watched.log.look(watched.now, false, &mut lines);
    assert_eq!(lines, b"", "it is looked at now and then");
    watched.log.look(watched.now, true, &mut lines);
    assert_eq!(lines, b"# f\n", "the last look waits for nothing");
    watched.append(&"x".repeat(MAX_LINE + 1));
    assert_eq!(watched.look().len(), MAX_LINE + 2, "what never ends is no line");
    assert_eq!(watched.told(), Vec::<String>::new());
}

#[test]
fn a_log_that_is_cut_short_begins_anew() {
    let mut watched = Watched::begin("cut", Some("# a\n# b\n# unfinished"));
    watched.look();
    fs::write(&watched.path, "# c\n").unwrap();
    assert_eq!(watched.look(), "");
    assert_eq!(watched.look(), "# c\n");
    assert_eq!(watched.told(), ["was cut short, and is read from its beginning"]);
}

#[test]
fn a_log_that_is_replaced_is_read_to_its_end_and_the_new_one_followed() {
    let mut watched = Watched::begin("replace", Some("# a\n"));
    watched.look();
    let another = watched.path.with_extension("new");
    fs::write(&another, "# c\n").unwrap();
    watched.append("# b\n");
    fs::rename(&another, &watched.path).unwrap();
    assert_eq!(watched.look(), "# b\n");
    assert_eq!(watched.look(), "# c\n");
    assert_eq!(watched.told(), ["was replaced; the new one is followed"]);
    fs::remove_file(&watched.path).unwrap();
    assert_eq!((watched.look(), watched.told()), (String::new(), vec![]), "one that is gone may come again");
}

#[test]
fn a_log_that_is_not_there_is_waited_for() {
    let mut watched = Watched::begin("wait", None);
    assert_eq!(
        (watched.look(), watched.told()),
        (String::new(), vec!["not there yet; it is read as soon as it is".into()])
    );
    fs::write(&watched.path, "# a\n").unwrap();
    assert_eq!((watched.look(), watched.look()), (String::new(), "# a\n".to_owned()));
    assert_eq!(watched.told(), ["is there now, and followed"]);
}

#[test]
fn a_piece_is_bounded_and_the_rest_comes_with_the_next() {
    let mut watched = Watched::begin("piece", Some(""));
    watched.append(&"# 0123456\n".repeat(200_000));
    let looks: Vec<usize> = (0..3).map(|_| watched.look().len()).collect();
    assert_eq!((looks.iter().sum::<usize>(), looks[2] < looks[0]), (2_000_000, true), "{looks:?}");
}

#[test]
fn an_error_is_told_once() {
    let mut watched = Watched::begin("error", None);
    watched.told();
    fs::create_dir(&watched.path).unwrap();
    let looks: Vec<String> = (0..4).map(|_| watched.look()).collect();
    fs::remove_dir(&watched.path).unwrap();
    let told = watched.told();
    assert_eq!((looks.concat().as_str(), told.len()), ("", 2), "{told:?}");
    assert!(told[1].contains("directory"), "{told:?}");
}

#[test]
fn what_is_no_key_log_is_refused() {
    let path = std::env::temp_dir().join(format!("hushwire-keys-foreign-{}", std::process::id()));
    fs::write(&path, "-----BEGIN CERTIFICATE-----\n").unwrap();
    let refused = KeyFile::open(&path).err();
    fs::remove_file(&path).unwrap();
    assert!(matches!(refused, Some(KeyLogError::Foreign(_))));
}
