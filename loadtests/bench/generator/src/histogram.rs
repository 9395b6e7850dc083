//! Counts durations in buckets that are exact to 3 %, however long they are.

/// Buckets within each doubling.
const STEPS: u64 = 32;

/// Durations in microseconds.
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self { counts: vec![0; 64 * STEPS as usize], total: 0, max: 0 }
    }

    pub fn add(&mut self, value: u64) {
        self.counts[Self::bucket(value)] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value below which `part` of all lie; 0 when there are none.
    pub fn quantile(&self, part: f64) -> u64 {
        let wanted = (self.total as f64 * part) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen > wanted {
                return Self::lowest(bucket as u64);
            }
        }
        self.max
    }

    fn bucket(value: u64) -> usize {
        if value < STEPS {
            return value as usize;
        }
        let doubling = u64::from(63 - value.leading_zeros());
        ((doubling - 4) * STEPS + ((value >> (doubling - 5)) & (STEPS - 1))) as usize
    }

    fn lowest(bucket: u64) -> u64 {
        if bucket < STEPS {
            return bucket;
        }
        let doubling = bucket / STEPS + 4;
        (1 << doubling) + ((bucket % STEPS) << (doubling - 5))
    }
}
