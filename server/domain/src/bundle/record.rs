//! The records of a ZIP file, byte by byte (PKWARE APPNOTE 6.3.10, §4.3). All numbers are little-endian.

const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const DIRECTORY_SIGNATURE: u32 = 0x0201_4b50;
const ZIP64_END_SIGNATURE: u32 = 0x0606_4b50;
const ZIP64_LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const END_SIGNATURE: u32 = 0x0605_4b50;

const LOCAL_FIXED_BYTES: u64 = 30;
const DIRECTORY_FIXED_BYTES: u64 = 46;
/// A ZIP64 extra field's own header: id and length.
const EXTRA_HEADER_BYTES: u64 = 4;

/// Reading needs version 2.0 of the format, or 4.5 where numbers are of 64 bits.
const VERSION_PLAIN: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Made on Unix, so that readers take the permissions, by version 4.5.
const MADE_BY: u16 = (3 << 8) | VERSION_ZIP64;
/// Names are UTF-8 (bit 11). No bit 3: sizes stand in front, there is no data descriptor.
const FLAGS: u16 = 1 << 11;
/// Stored as they are: media does not get smaller, and only stored bytes can be sliced.
const METHOD_STORE: u16 = 0;
/// 1980-01-01 00:00:00, the first moment the format has. When a release was made must not change the bytes of a file in it.
const TIME: u16 = 0;
const DATE: u16 = (1 << 5) | 1;
/// A plain file, `rw-r--r--`, in the upper half as Unix has it.
const EXTERNAL_ATTRIBUTES: u32 = 0o100_644 << 16;
const ZIP64_EXTRA_ID: u16 = 1;

/// What both records of a file say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Name in the bundle, root folder included.
    pub(super) name: Box<str>,
    /// Bytes of content.
    pub(super) size: u64,
    /// CRC-32 of the content.
    pub(super) crc32: u32,
    /// Where its local header begins.
    pub(super) offset: u64,
}

impl Record {
    /// Whether its size needs 64 bits: the largest of 32 bits means "look in the extra field".
    const fn is_large(&self) -> bool {
        self.size >= u32::MAX as u64
    }

    /// Whether its place needs 64 bits.
    const fn is_far(&self) -> bool {
        self.offset >= u32::MAX as u64
    }

    /// Bytes of the local header.
    pub(super) const fn local_len(&self) -> u64 {
        let extra = if self.is_large() { EXTRA_HEADER_BYTES + 16 } else { 0 };
        LOCAL_FIXED_BYTES + self.name.len() as u64 + extra
    }

    /// Where the content ends, which is where the next local header begins.
    pub(super) const fn end(&self) -> u64 {
        self.offset + self.local_len() + self.size
    }

    /// Bytes of the record in the central directory.
    pub(super) const fn directory_len(&self) -> u64 {
        DIRECTORY_FIXED_BYTES + self.name.len() as u64 + self.directory_extra_len()
    }

    const fn directory_extra_len(&self) -> u64 {
        let sizes = if self.is_large() { 16 } else { 0 };
        let offset = if self.is_far() { 8 } else { 0 };
        if sizes + offset == 0 { 0 } else { EXTRA_HEADER_BYTES + sizes + offset }
    }

    /// Writes the local header (§4.3.7).
    pub(super) fn write_local(&self, out: &mut Vec<u8>) {
        out.extend(LOCAL_SIGNATURE.to_le_bytes());
        self.write_shared(out, self.is_large(), if self.is_large() { 20 } else { 0 });
        out.extend(self.name.as_bytes());
        if self.is_large() {
            write_extra(out, &[self.size, self.size]);
        }
    }

    /// Writes the record of the central directory (§4.3.12).
    pub(super) fn write_directory(&self, out: &mut Vec<u8>) {
        let needs_zip64 = self.is_large() || self.is_far();
        out.extend(DIRECTORY_SIGNATURE.to_le_bytes());
        out.extend(MADE_BY.to_le_bytes());
        self.write_shared(out, needs_zip64, low16(self.directory_extra_len()));
        out.extend([0; 6]); // no comment, first disk, no internal attributes
        out.extend(EXTERNAL_ATTRIBUTES.to_le_bytes());
        out.extend(low32(self.offset).to_le_bytes());
        out.extend(self.name.as_bytes());
        let sizes = [self.size, self.size];
        match (self.is_large(), self.is_far()) {
            (false, false) => {}
            (true, false) => write_extra(out, &sizes),
            (false, true) => write_extra(out, &[self.offset]),
            (true, true) => write_extra(out, &[sizes[0], sizes[1], self.offset]),
        }
    }

    /// The stretch that both records have: from the version to the length of the extra field.
    fn write_shared(&self, out: &mut Vec<u8>, needs_zip64: bool, extra_len: u16) {
        let version = if needs_zip64 { VERSION_ZIP64 } else { VERSION_PLAIN };
        for number in [version, FLAGS, METHOD_STORE, TIME, DATE] {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.crc32.to_le_bytes());
        out.extend(low32(self.size).to_le_bytes());
        out.extend(low32(self.size).to_le_bytes());
        out.extend(low16(self.name.len() as u64).to_le_bytes());
        out.extend(extra_len.to_le_bytes());
    }
}

/// The end of central directory (§4.3.16), with its ZIP64 form and locator before it (§4.3.14, §4.3.15) where a number needs them.
pub(super) fn end_records(entries: u64, directory_offset: u64, directory_len: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(98);
    let needs_zip64 = entries >= u64::from(u16::MAX)
        || directory_offset >= u64::from(u32::MAX)
        || directory_len >= u64::from(u32::MAX);
    if needs_zip64 {
        out.extend(ZIP64_END_SIGNATURE.to_le_bytes());
        out.extend(44_u64.to_le_bytes()); // bytes of this record that follow
        out.extend(MADE_BY.to_le_bytes());
        out.extend(VERSION_ZIP64.to_le_bytes());
        out.extend([0; 8]); // this is the first disk, and the directory is on it
        for number in [entries, entries, directory_len, directory_offset] {
            out.extend(number.to_le_bytes());
        }
        out.extend(ZIP64_LOCATOR_SIGNATURE.to_le_bytes());
        out.extend([0; 4]); // on the first disk
        out.extend((directory_offset + directory_len).to_le_bytes());
        out.extend(1_u32.to_le_bytes()); // disks
    }
    out.extend(END_SIGNATURE.to_le_bytes());
    out.extend([0; 4]); // this is the first disk, and the directory is on it
    out.extend(low16(entries).to_le_bytes());
    out.extend(low16(entries).to_le_bytes());
    out.extend(low32(directory_len).to_le_bytes());
    out.extend(low32(directory_offset).to_le_bytes());
    out.extend([0; 2]); // no comment
    out
}

/// The ZIP64 extended information extra field (§4.5.3).
fn write_extra(out: &mut Vec<u8>, numbers: &[u64]) {
    out.extend(ZIP64_EXTRA_ID.to_le_bytes());
    out.extend(low16(numbers.len() as u64 * 8).to_le_bytes());
    for number in numbers {
        out.extend(number.to_le_bytes());
    }
}

/// The number, or the largest where it does not fit.
fn low32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The number, or the largest where it does not fit.
fn low16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
