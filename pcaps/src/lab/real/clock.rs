//! The real clock, read in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use dissectors::time::Time;

/// Now.
#[expect(clippy::disallowed_methods, reason = "real hosts and a box between them live by a real clock")]
pub fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(0).after(since_1970)
}
