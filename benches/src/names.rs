//! Server names: a bounded list, some asked for far more often than others.

use pcaps::random::Random;

/// Syllables of which the names are made.
const SYLLABLES: [&str; 20] = [
    "ba", "cor", "den", "fi", "gal", "hu", "jin", "ka", "lor", "mi", "nov", "or", "pex", "ri", "sun", "tal", "ur",
    "vo", "wes", "zi",
];

/// First labels, the empty one for a bare domain.
const HOSTS: [&str; 8] = ["www.", "", "api.", "cdn.", "static.", "img.", "login.", "edge-7.eu-west."];

/// Names under the reserved domain `example` (RFC 2606), drawn by Zipf's law.
#[derive(Debug)]
pub struct Names {
    names: Vec<String>,
    /// Sum of the weights up to each name.
    cumulated: Vec<f64>,
}

impl Names {
    /// `count` different names.
    pub fn new(count: usize) -> Self {
        let mut random = Random::named("names");
        let names = (0..count).map(|number| name(&mut random, number)).collect();
        let mut sum = 0.0;
        let weight = |rank: usize| 1.0 / (rank + 1) as f64;
        let cumulated = (0..count).map(|rank| {
            sum += weight(rank);
            sum
        });
        Self { names, cumulated: cumulated.collect() }
    }

    /// Draws a name: its rank and itself.
    pub fn draw(&self, random: &mut Random) -> (usize, &str) {
        let total = self.cumulated.last().copied().unwrap_or_default();
        let point = f64::from(random.next_u32()) / f64::from(u32::MAX) * total;
        let rank = self.cumulated.partition_point(|sum| *sum < point).min(self.names.len().saturating_sub(1));
        (rank, self.names.get(rank).map_or("", String::as_str))
    }

    /// The name of a rank, counted round.
    pub fn at(&self, rank: usize) -> &str {
        self.names.get(rank % self.names.len().max(1)).map_or("", String::as_str)
    }
}

/// The number makes it different from all others.
fn name(random: &mut Random, number: usize) -> String {
    let word: String = (0..2 + random.below(3)).map(|_| random.one_of(&SYLLABLES)).collect();
    format!("{}{word}{number}.example", random.one_of(&HOSTS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_differ_and_the_first_is_drawn_most() {
        let names = Names::new(500);
        assert_eq!(names.names.iter().collect::<HashSet<_>>().len(), 500);
        let mut random = Random::named("draws");
        let mut drawn = vec![0; 500];
        for _ in 0..10_000 {
            drawn[names.draw(&mut random).0] += 1;
        }
        // By Zipf's law the first of 500 has 1 / H(500) = 14.7 % of the draws.
        assert!((1_300..1_650).contains(&drawn[0]), "{}", drawn[0]);
        assert!(drawn[0] > drawn[1] && drawn[1] > drawn[9]);
    }
}
