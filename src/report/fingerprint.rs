//! Names findings in a way that outlives edits elsewhere in the file and moves of the file.

/// How many bytes of the text under the primary place count. Enough to tell two statements apart; a whole plan entry,
/// whose far end changes from plan to plan, is cut.
const TEXT: usize = 64;

/// A fingerprint: the FNV-1a hash (64 bits, as 16 hexadecimal digits) of the rule, the bucket's address and the text
/// under the primary place without its white space. `repeat` counts equal ones in one file from 0.
#[must_use]
pub fn fingerprint(rule: &str, bucket: &str, text: &str, repeat: usize) -> String {
    let mut hash = Fnv::default();
    hash.part(rule.bytes());
    hash.part(bucket.bytes());
    hash.part(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).take(TEXT));
    if repeat > 0 {
        hash.part(repeat.to_string().bytes());
    }
    format!("{:016x}", hash.0)
}

struct Fnv(u64);

impl Default for Fnv {
    /// The offset basis.
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Mixes bytes in, and an end mark (no byte of UTF-8), so that two parts never run together.
    fn part(&mut self, bytes: impl Iterator<Item = u8>) {
        for byte in bytes.chain([0xFF]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_stable_and_distinct() {
        // A change of this value would make every known finding of every user a new one.
        assert_eq!(fingerprint("partial-deny", "Data", "Data", 0), "3cf53117fa91b876");
        assert_eq!(fingerprint("r", "b", "{ \"a\": 1 }", 0), fingerprint("r", "b", "{\n\"a\":1\n}", 0));
        let all = [("r", "ab", "c", 0), ("r", "a", "bc", 0), ("r", "ab", "c", 1), ("s", "ab", "c", 0)];
        for (index, one) in all.iter().enumerate() {
            for two in all.iter().skip(index + 1) {
                assert_ne!(fingerprint(one.0, one.1, one.2, one.3), fingerprint(two.0, two.1, two.2, two.3));
            }
        }
    }
}
