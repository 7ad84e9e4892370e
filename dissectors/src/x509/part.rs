//! A part of an encoding that is kept whole: what is read of a certificate stays where it stands, and costs no copy.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Hex;

/// Bytes of a certificate or of a key. Two parts are the same if their bytes are, wherever they stand.
#[derive(Clone)]
pub struct Part {
    whole: Arc<[u8]>,
    start: u32,
    end: u32,
}

impl Part {
    /// `part`, where it stands in `whole`; of what does not stand there, a copy.
    pub(super) fn of(whole: &Arc<[u8]>, part: &[u8]) -> Self {
        let start = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        let end = start.saturating_add(part.len());
        match (whole.get(start..end), u32::try_from(start), u32::try_from(end)) {
            (Some(_), Ok(start), Ok(end)) => Self { whole: Arc::clone(whole), start, end },
            _ => Self::from(part),
        }
    }
}

impl From<&[u8]> for Part {
    fn from(bytes: &[u8]) -> Self {
        // Nothing is read here that is 4 GiB long.
        Self { whole: bytes.into(), start: 0, end: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Part {}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Hex(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_its_bytes_wherever_they_stand() {
        let whole: Arc<[u8]> = [1, 2, 3, 4, 2, 3].as_slice().into();
        let parts = [&whole[1..3], &whole[4..], &[2, 3]].map(|part| Part::of(&whole, part));
        for part in &parts {
            assert_eq!(**part, [2, 3]);
            assert_eq!(*part, parts[0]);
        }
        assert_eq!(parts.map(|part| Arc::ptr_eq(&part.whole, &whole)), [true, true, false], "a stranger is copied");
        for at in 0..=whole.len() {
            assert_eq!(*Part::of(&whole, &whole[at..at]), []);
        }
    }
}
