//! Writes the golden cases, and their table in `pcaps/README.md`, from the stories.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use pcaps::cases;

fn main() -> ExitCode {
    match write_all(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        Ok(count) => {
            println!("{count} cases written");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("make-cases: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(root: &Path) -> io::Result<usize> {
    let cases = cases::all();
    for (module, case) in &cases {
        let folder = root.join("cases").join(case.name);
        std::fs::create_dir_all(&folder)?;
        for (name, content) in cases::files(module, case) {
            std::fs::write(folder.join(name), content)?;
        }
    }
    let readme = root.join("README.md");
    let text = std::fs::read_to_string(&readme)?;
    let text = cases::with_table(&text, &cases)
        .ok_or_else(|| io::Error::other("pcaps/README.md has no place for the table"))?;
    std::fs::write(readme, text)?;
    Ok(cases.len())
}
