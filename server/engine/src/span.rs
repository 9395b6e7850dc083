//! One stretch of a body, as whoever sends it takes it.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;

/// One stretch of a body.
#[derive(Debug, Clone)]
pub enum Span {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes of an open file.
    File {
        /// The file; it is not to be moved in.
        file: Arc<File>,
        /// Where they begin.
        offset: u64,
        /// How many.
        len: u64,
    },
}
