//! Writes the head of an answer.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;

use super::Answer;
use super::head::Persistence;

/// What a client gets that was too slow with its head.
pub(super) const REQUEST_TIMEOUT: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncache-control: no-store\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// `Date`, written once a second.
#[derive(Default)]
pub(super) struct DateText(Cell<(u64, [u8; 29])>);

impl DateText {
    fn now(&self) -> [u8; 29] {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (second, text) = self.0.get();
        if second == since {
            return text;
        }
        let mut text = [b' '; 29];
        // An IMF-fixdate has 29 characters, as long as years have four.
        let _ = write!(&mut text[..], "{}", httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(since)));
        self.0.set((since, text));
        text
    }
}

/// Writes the whole head of `answer` into `head`.
pub(super) fn write_head(
    head: &mut Vec<u8>,
    answer: &impl Answer,
    is_http_1_0: bool,
    persistence: Persistence,
    date: &DateText,
) {
    head.clear();
    head.extend_from_slice(if is_http_1_0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    let status = answer.status();
    append_number(head, u64::from(status));
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    for part in [" ", reason, "\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    if let Some(length) = answer.content_length() {
        head.extend_from_slice(b"content-length: ");
        append_number(head, length);
        head.extend_from_slice(b"\r\n");
    }
    match persistence {
        Persistence::Closed if !is_http_1_0 => head.extend_from_slice(b"connection: close\r\n"),
        Persistence::KeptAndTold => head.extend_from_slice(b"connection: keep-alive\r\n"),
        Persistence::Closed | Persistence::Kept => {}
    }
    answer.write_headers(head);
    head.extend_from_slice(b"date: ");
    head.extend_from_slice(&date.now());
    head.extend_from_slice(b"\r\n\r\n");
}

fn append_number(head: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    head.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 7, 10, 1_000_001, u64::MAX] {
            let mut head = Vec::new();
            append_number(&mut head, number);
            assert_eq!(String::from_utf8(head).unwrap(), number.to_string());
        }
    }

    #[test]
    fn the_date_is_an_http_date_of_now() {
        let before = SystemTime::now() - Duration::from_secs(1);
        let text = DateText::default().now();
        let date = httpdate::parse_http_date(std::str::from_utf8(&text).unwrap()).unwrap();
        assert!((before..=SystemTime::now()).contains(&date));
    }
}
