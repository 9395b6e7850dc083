//! Makes requests, and says what each must be answered with.

use std::fmt::Write as _;

use crate::plan::{Mode, Plan};

/// A request that was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Where its bytes begin in the whole.
    pub offset: u64,
    /// The length it must have, where that is known.
    pub length: Option<u64>,
    pub status: u16,
}

/// Makes one request after the other.
pub struct Requests {
    start: String,
    etag: Option<String>,
    text: String,
    count: u64,
    random: u64,
}

impl Requests {
    pub fn new(plan: &Plan) -> Self {
        let start =
            format!("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: bench\r\nAccept: */*\r\n", plan.path, plan.address);
        Self { start, etag: None, text: String::new(), count: 0, random: 0x9e37_79b9_7f4a_7c15 }
    }

    /// Learns the entity tag from the first answer.
    pub fn learn(&mut self, etag: Option<&str>) {
        if self.etag.is_none() {
            self.etag = etag.map(str::to_owned);
        }
    }

    pub fn knows_etag(&self) -> bool {
        self.etag.is_some()
    }

    /// How many were made.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The next one.
    pub fn make(&mut self, mode: &Mode) -> (&[u8], Asked) {
        self.text.clear();
        self.text.push_str(&self.start);
        let mut asked = Asked { status: 200, ..Asked::default() };
        match *mode {
            Mode::Whole => {}
            Mode::Conditional => {
                if let Some(etag) = &self.etag {
                    let _ = write!(self.text, "If-None-Match: {etag}\r\n");
                    asked.status = 304;
                }
            }
            Mode::Ranges { size, range_bytes, align_bytes, in_order } => {
                let offset = if in_order {
                    self.count * range_bytes % (size / range_bytes * range_bytes)
                } else {
                    self.random() % ((size - range_bytes) / align_bytes + 1) * align_bytes
                };
                let _ = write!(self.text, "Range: bytes={offset}-{}\r\n", offset + range_bytes - 1);
                asked = Asked { offset, length: Some(range_bytes), status: 206 };
            }
        }
        self.text.push_str("\r\n");
        self.count += 1;
        (self.text.as_bytes(), asked)
    }

    /// xorshift*: the same requests in every run, to both servers.
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}
