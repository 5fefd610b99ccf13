//! Random numbers that are the same from run to run.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

/// A small generator of random numbers (xorshift64*).
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
    /// The same of words.
    pub fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
    /// One to `most` of them.
    pub fn some(&mut self, from: &[&str], most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        (0..count).map(|_| (*self.pick(from)).to_owned()).collect()
    }
}

/// How many are tried: few in the suite, that many times more where `BUCKETLINT_TIMES` says so (`.ci/random`).
pub fn times(few: u64) -> u64 {
    few * std::env::var("BUCKETLINT_TIMES").ok().and_then(|times| times.parse::<u64>().ok()).unwrap_or(1)
}

/// Where the numbers start: `BUCKETLINT_SEED`.
pub fn seed() -> u64 {
    let seed = std::env::var("BUCKETLINT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    println!("BUCKETLINT_SEED={seed}");
    seed
}
