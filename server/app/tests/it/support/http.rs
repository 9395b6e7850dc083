//! An HTTP/1.1 client that sends exactly what it is told and shows exactly what came.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A stuck server fails the test rather than hang it.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Headers in the order in which they came, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header that is there at most once.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        first
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is text")
    }

    /// Headers for a snapshot: sorted, without those that differ from run to run.
    pub(crate) fn stable_headers(&self) -> String {
        let mut lines: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !["date", "x-request-id", "cache-status"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        lines.sort();
        format!("{}\n{}", self.status, lines.join("\n"))
    }
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Whether bytes of an answer are here; does not wait.
    pub(crate) fn is_answered(&mut self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let looked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        match looked {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(!self.received.is_empty()),
            Err(error) => Err(error),
        }
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a request.
    pub(crate) fn send_request(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: stowaway.example\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send(head.as_bytes())
    }

    /// Reads the head of an answer.
    pub(crate) fn read_head(&mut self) -> io::Result<Answer> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            self.receive()?;
        };
        let head: Vec<u8> = self.received.drain(..end + 4).collect();
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Ok(Answer {
            status: status.ok_or_else(|| io::Error::other("no status line"))?,
            headers: headers.collect(),
            body: Vec::new(),
        })
    }

    /// Reads the answer to a request of `method`: exactly as many bytes as its head says.
    pub(crate) fn read_answer(&mut self, method: &str) -> io::Result<Answer> {
        let mut answer = self.read_head()?;
        let has_body = method != "HEAD" && ![204, 304].contains(&answer.status);
        if has_body {
            let length = answer.header("content-length").ok_or_else(|| io::Error::other("no content-length"))?;
            let length: usize = length.parse().map_err(io::Error::other)?;
            answer.body = self.read_exactly(length)?;
        }
        Ok(answer)
    }

    /// Reads `count` bytes.
    pub(crate) fn read_exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.received.len() < count {
            self.receive()?;
        }
        Ok(self.received.drain(..count).collect())
    }

    /// Has the server closed the connection without another byte?
    pub(crate) fn is_closed(&mut self) -> bool {
        self.received.is_empty()
            && matches!(self.receive(), Err(error) if error.kind() == io::ErrorKind::UnexpectedEof || error.kind() == io::ErrorKind::ConnectionReset)
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut chunk = [0; 64 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.received.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

/// One request on a connection of its own. Fails the test when bytes come after the answer.
#[track_caller]
pub(crate) fn request(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut connection = Connection::open(address).expect("the server accepts");
    let mut headers = headers.to_vec();
    headers.push(("connection", "close"));
    connection.send_request(method, path, &headers).expect("the request can be sent");
    let answer = connection.read_answer(method).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    assert!(connection.is_closed(), "{method} {path}: more bytes than the head says");
    answer
}
