//! Runs flows side by side, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A frame and when it is captured, in nanoseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub at: u64,
    /// The frame from its Ethernet header on.
    pub frame: Vec<u8>,
}

/// The frames of one flow, in the order of their times.
pub type Flow = Box<dyn Iterator<Item = Timed>>;

/// Merges flows into the order of their times, a fixed number of them at once: where one ends, the next begins.
pub struct Interleaved<S> {
    /// What starts the next flow at a time; `None` once there are no more.
    start: S,
    /// The next frame of each flow, and which flow it is: a tie goes to the elder.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
    running: Vec<Running>,
}

struct Running {
    next: Timed,
    rest: Flow,
}

impl<S: FnMut(u64) -> Option<Flow>> Interleaved<S> {
    /// Starts `at_once` flows, `apart` nanoseconds apart from `begin` on.
    pub fn new(begin: u64, at_once: usize, apart: u64, start: S) -> Self {
        let mut all = Self { start, heads: BinaryHeap::new(), running: Vec::new() };
        for number in 0..at_once {
            let Some(running) = all.begin(begin + number as u64 * apart) else { break };
            all.heads.push(Reverse((running.next.at, number)));
            all.running.push(running);
        }
        all
    }

    fn begin(&mut self, at: u64) -> Option<Running> {
        let mut rest = (self.start)(at)?;
        rest.next().map(|next| Running { next, rest })
    }

    /// Puts what follows into the place of a flow whose frame of `at` was taken.
    fn go_on(&mut self, place: usize, at: u64) -> Option<()> {
        let running = self.running.get_mut(place)?;
        match running.rest.next() {
            Some(next) => running.next = next,
            None => {
                let begun = self.begin(at + 1)?;
                *self.running.get_mut(place)? = begun;
            }
        }
        self.heads.push(Reverse((self.running.get(place)?.next.at, place)));
        Some(())
    }
}

impl<S: FnMut(u64) -> Option<Flow>> Iterator for Interleaved<S> {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        let Reverse((at, place)) = self.heads.pop()?;
        let taken = std::mem::take(&mut self.running.get_mut(place)?.next);
        self.go_on(place, at);
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(start: u64, mark: u8) -> Flow {
        Box::new((0..3).map(move |step| Timed { at: start + step * 10, frame: vec![mark, step as u8] }))
    }

    #[test]
    fn two_at_once_and_the_third_where_one_ended() {
        let mut marks = 0..3;
        let all = Interleaved::new(100, 2, 5, move |at| marks.next().map(|mark| flow(at, mark)));
        let seen: Vec<(u64, u8, u8)> = all.map(|timed| (timed.at, timed.frame[0], timed.frame[1])).collect();
        let first = [(100, 0, 0), (105, 1, 0), (110, 0, 1), (115, 1, 1), (120, 0, 2)];
        let second = [(121, 2, 0), (125, 1, 2), (131, 2, 1), (141, 2, 2)];
        assert_eq!(seen, [&first[..], &second].concat());
    }
}
