//! Reads the head of an answer.

/// What of it matters here.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the head, blank line included.
    pub length: usize,
    pub status: u16,
    pub content_length: Option<u64>,
    pub etag: Option<String>,
    pub closes: bool,
}

/// The head, once all of it is there; the error is for a person.
pub fn parse(bytes: &[u8]) -> Result<Option<Head>, String> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..end]).map_err(|error| format!("a head that is no text: {error}"))?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let mut head = Head {
        length: end + 4,
        status: status.ok_or("a head without a status")?,
        content_length: None,
        etag: None,
        closes: false,
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.content_length = value.parse().ok(),
            "etag" => head.etag = Some(value.to_owned()),
            "connection" => head.closes = value.eq_ignore_ascii_case("close"),
            "transfer-encoding" => return Err(format!("an answer without a length: {text}")),
            _ => {}
        }
    }
    Ok(Some(head))
}

impl Head {
    /// Bytes that follow.
    pub fn body_bytes(&self) -> Result<u64, String> {
        match self.status {
            204 | 304 => Ok(0),
            _ => self.content_length.ok_or_else(|| format!("a {} without a length", self.status)),
        }
    }
}
