//! Which bytes may be appended, and how they become parts of an object.

/// Most parts that every object store takes.
const MAX_PARTS: u64 = 10_000;

/// Why bytes are not appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendRefusal {
    /// The client is elsewhere than the server.
    #[error(
        "the upload has {offset_bytes} bytes, the append begins at {given_bytes}: ask with HEAD and go on from there"
    )]
    Offset {
        /// Bytes that are there.
        offset_bytes: u64,
        /// Where the client is.
        given_bytes: u64,
    },
    /// More bytes than were announced.
    #[error(
        "the append ends at byte {end_bytes}, the upload has only {size_bytes}: send no more than Upload-Length says"
    )]
    PastEnd {
        /// Bytes of the whole upload.
        size_bytes: u64,
        /// Where the append would end, as far as is known.
        end_bytes: u64,
    },
}

/// Whether `length` bytes (if the client says how many) may be appended at `given`.
///
/// # Errors
/// They may not.
pub const fn expect_append(size: u64, offset: u64, given: u64, length: Option<u64>) -> Result<(), AppendRefusal> {
    if given != offset {
        return Err(AppendRefusal::Offset { offset_bytes: offset, given_bytes: given });
    }
    let end = match length {
        Some(length) => given.saturating_add(length),
        None => given,
    };
    if end > size {
        return Err(AppendRefusal::PastEnd { size_bytes: size, end_bytes: end });
    }
    Ok(())
}

/// The size of the parts of an object of `size` bytes: the configured one, doubled until 10,000 parts suffice.
#[must_use]
pub const fn part_bytes(configured: u64, size: u64) -> u64 {
    let mut bytes = if configured == 0 { 1 } else { configured };
    while size.div_ceil(bytes) > MAX_PARTS {
        bytes *= 2;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_appended_where_the_upload_ends_and_no_further_than_its_size() {
        assert_eq!(expect_append(10, 4, 4, Some(6)), Ok(()));
        assert_eq!(expect_append(10, 4, 4, None), Ok(()));
        assert_eq!(expect_append(10, 10, 10, Some(0)), Ok(()));
        assert_eq!(expect_append(10, 4, 5, Some(1)), Err(AppendRefusal::Offset { offset_bytes: 4, given_bytes: 5 }));
        assert_eq!(expect_append(10, 4, 4, Some(7)), Err(AppendRefusal::PastEnd { size_bytes: 10, end_bytes: 11 }));
        let end_bytes = u64::MAX;
        assert_eq!(expect_append(10, 4, 4, Some(u64::MAX)), Err(AppendRefusal::PastEnd { size_bytes: 10, end_bytes }));
    }

    #[test]
    fn no_object_has_more_parts_than_stores_take() {
        assert_eq!(part_bytes(8 << 20, 5 << 30), 8 << 20);
        assert_eq!(part_bytes(8 << 20, 100 << 30), 16 << 20);
        assert_eq!(part_bytes(0, 3), 1);
    }
}
