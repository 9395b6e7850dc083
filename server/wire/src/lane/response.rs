//! Writes the head of an answer.

use std::cell::Cell;
use std::io::Write as _;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;

use super::Answer;
use super::head::Persistence;

/// What a client gets that was too slow with its head.
pub(super) const REQUEST_TIMEOUT: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncache-control: no-store\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The end of a head: `Date`, and the empty line.
const DATE: [u8; 39] = *b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
/// Where in it the date is. An IMF-fixdate has 29 characters, as long as years have four.
const DATE_AT: Range<usize> = 6..35;

/// `Date`, written once a second.
pub(super) struct DateText(Cell<(u64, [u8; DATE.len()])>);

impl Default for DateText {
    fn default() -> Self {
        Self(Cell::new((0, DATE)))
    }
}

impl DateText {
    fn append_to(&self, head: &mut Vec<u8>) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (mut second, mut text) = self.0.get();
        if second != since {
            second = since;
            let date = httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(since));
            let _ = write!(&mut text[DATE_AT], "{date}");
            self.0.set((second, text));
        }
        head.extend_from_slice(&text);
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
    append_status_line(head, answer.status(), is_http_1_0);
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
    date.append_to(head);
}

fn append_status_line(head: &mut Vec<u8>, status: u16, is_http_1_0: bool) {
    let usual: &[u8] = match status {
        200 => b"HTTP/1.1 200 OK\r\n",
        206 => b"HTTP/1.1 206 Partial Content\r\n",
        304 => b"HTTP/1.1 304 Not Modified\r\n",
        _ => b"",
    };
    if !usual.is_empty() && !is_http_1_0 {
        head.extend_from_slice(usual);
        return;
    }
    head.extend_from_slice(if is_http_1_0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    append_number(head, u64::from(status));
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    for part in [" ", reason, "\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
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
        let dates = DateText::default();
        for _ in 0..2 {
            let mut head = Vec::new();
            dates.append_to(&mut head);
            let text = str::from_utf8(&head).unwrap();
            let date = text.strip_prefix("date: ").and_then(|rest| rest.strip_suffix("\r\n\r\n")).unwrap();
            let date = httpdate::parse_http_date(date).unwrap();
            assert!((before..=SystemTime::now()).contains(&date), "{text}");
        }
    }

    #[test]
    fn usual_statuses_have_the_line_that_any_other_way_gives_them() {
        for status in [200, 206, 304, 404, 416, 299] {
            let [usual, old] = [false, true].map(|is_http_1_0| {
                let mut head = Vec::new();
                append_status_line(&mut head, status, is_http_1_0);
                String::from_utf8(head).unwrap()
            });
            assert_eq!(usual.strip_prefix("HTTP/1.1"), old.strip_prefix("HTTP/1.0"), "{status}");
            assert!(usual.starts_with(&format!("HTTP/1.1 {status} ")), "{usual}");
        }
    }
}
