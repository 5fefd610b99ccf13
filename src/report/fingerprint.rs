//! Names findings in a way that outlives edits elsewhere in the file.

/// A fingerprint: the FNV-1a hash (64 bits, as 16 hexadecimal digits) of the rule, the address, the path of the linted
/// file and what the finding is because of. `repeat` counts equal ones in one file from 0.
#[must_use]
pub fn fingerprint(rule: &str, address: &str, path: &str, because: &str, repeat: usize) -> String {
    let mut hash = Fnv::default();
    for part in [rule, address, path, because] {
        hash.part(part.bytes());
    }
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
        assert_eq!(fingerprint("partial-deny", "Data", "a.yaml", "s3:ListBucket on the bucket", 0), "65e42587c481e299");
        let all = [
            ("r", "ab", "c", "d", 0),
            ("r", "a", "bc", "d", 0),
            ("r", "ab", "c", "d", 1),
            ("s", "ab", "c", "d", 0),
            ("r", "ab", "cd", "", 0),
        ];
        for (index, one) in all.iter().enumerate() {
            for two in all.iter().skip(index + 1) {
                assert_ne!(
                    fingerprint(one.0, one.1, one.2, one.3, one.4),
                    fingerprint(two.0, two.1, two.2, two.3, two.4)
                );
            }
        }
    }
}
