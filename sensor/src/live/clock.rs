//! The one clock of the program.

use std::time::{SystemTime, UNIX_EPOCH};

use dissectors::time::Time;

/// The machine's time now: that by which the kernel stamps frames.
pub(super) fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "time must move on while a live wire is silent")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::default().after(since)
}
