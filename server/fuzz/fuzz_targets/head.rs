//! Heads of requests, as the fast lane takes them. Input: what a client sends.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, unreachable_pub, missing_docs, reason = "the server uses more of it")]
#[path = "../../wire/src/counters.rs"]
mod counters;
#[allow(dead_code, unreachable_pub, reason = "the server uses more of it")]
#[path = "../../wire/src/lane/head.rs"]
mod head;

use counters::Counters;
use head::{Read, read};

/// What the lane understood.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    length: usize,
}

fuzz_target!(|data: &[u8]| {
    let Some(taken) = take(data) else { return };
    let head = &data[..taken.length];
    check_lines(&taken, head);
    check_nothing_is_hidden(head);
    // What follows belongs to the next request, and what came is understood only once all of it is there.
    assert_eq!(take(head).as_ref(), Some(&taken));
    let mut followed = head.to_vec();
    followed.extend_from_slice(b"GET /next HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(take(&followed).as_ref(), Some(&taken));
    for cut in [head.len() - 1, head.len() / 2, head.len() / 3] {
        assert!(matches!(read(&head[..cut], Counters::default(), |_| ()), Read::Partial), "{cut}");
    }
});

fn take(bytes: &[u8]) -> Option<Taken> {
    let read = read(bytes, Counters::default(), |head| {
        let target = if head.query.is_empty() { head.path.to_owned() } else { format!("{}?{}", head.path, head.query) };
        let headers = head.headers().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
        (head.method.to_owned(), target, headers)
    });
    match read {
        Read::Whole((method, target, headers), length) => Some(Taken { method, target, headers, length }),
        Read::Partial | Read::Other | Read::Malformed => None,
    }
}

/// The same lines as somebody sees who only splits at line ends.
fn check_lines(taken: &Taken, head: &[u8]) {
    let text: Vec<&[u8]> =
        head.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let lines: Vec<&[u8]> = text.into_iter().skip_while(|line| line.is_empty()).collect();
    let first = String::from_utf8_lossy(lines[0]).into_owned();
    let words: Vec<&str> = first.split(' ').collect();
    assert!(matches!(*words, [_, _, "HTTP/1.1" | "HTTP/1.0"]), "{first:?}");
    assert!(["GET", "HEAD"].contains(&words[0]) && words[0] == taken.method, "{first:?}");
    assert_eq!(words[1].strip_suffix('?').unwrap_or(words[1]), taken.target.strip_suffix('?').unwrap_or(&taken.target));
    assert!(taken.target.starts_with('/') && taken.target.bytes().all(|byte| byte.is_ascii_graphic()));
    let seen: Vec<(String, Vec<u8>)> = lines[1..]
        .iter()
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let colon = line.iter().position(|&byte| byte == b':').expect("every line has a colon");
            (String::from_utf8_lossy(&line[..colon]).into_owned(), line[colon + 1..].trim_ascii().to_vec())
        })
        .collect();
    let understood: Vec<(String, Vec<u8>)> =
        taken.headers.iter().map(|(name, value)| (name.clone(), value.trim_ascii().to_vec())).collect();
    assert_eq!(understood, seen);
}

/// Nothing that another program could take for a body, a second host or the end of a line.
fn check_nothing_is_hidden(head: &[u8]) {
    assert!(
        head.iter().all(|&byte| byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\r' | b'\n')),
        "a control character"
    );
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let count =
        |name: &str| text.lines().filter(|line| line.split(':').next().is_some_and(|key| key.trim() == name)).count();
    for forbidden in ["content-length", "transfer-encoding", "upgrade", "expect", "trailer"] {
        assert_eq!(count(forbidden), 0, "{forbidden}: {text:?}");
    }
    assert!(count("host") == 1 || (count("host") == 0 && text.contains(" http/1.0")), "{text:?}");
    assert!(!text.contains("\n ") && !text.contains("\n\t"), "a folded line: {text:?}");
}
