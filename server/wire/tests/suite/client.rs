//! A client that shows every byte: what it sends is written by the test, what it gets is taken apart here.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

/// A connection of a client.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
}

/// The head of an answer.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn content_length(&self) -> u64 {
        self.header("content-length").expect("a Content-Length").parse().unwrap()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// A client that takes little at a time, so that the server meets a full socket.
    pub(crate) fn connect_narrow(address: SocketAddr) -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { reader: BufReader::with_capacity(1024, stream) }
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn get(&mut self, path: &str) -> (Head, Vec<u8>) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        let head = self.head();
        let body = self.body(head.content_length());
        (head, body)
    }

    pub(crate) fn text(&mut self, path: &str) -> String {
        String::from_utf8(self.get(path).1).unwrap()
    }

    pub(crate) fn head(&mut self) -> Head {
        self.try_head().expect("the server closed before a head")
    }

    /// The next head, or nothing when the server closes instead.
    pub(crate) fn try_head(&mut self) -> Option<Head> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                assert!(lines.is_empty(), "the server closed in the middle of a head");
                return None;
            }
            match line.trim_end() {
                "" => break,
                text => lines.push(text.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).expect("a status").parse().unwrap();
        let headers = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Some(Head { status, headers })
    }

    pub(crate) fn body(&mut self, len: u64) -> Vec<u8> {
        let mut body = vec![0; usize::try_from(len).unwrap()];
        self.reader.read_exact(&mut body).expect("the whole body");
        body
    }

    /// Reads `len` bytes that the test does not look at.
    pub(crate) fn skip(&mut self, len: u64) {
        let buffered = self.reader.buffer().len();
        self.reader.consume(buffered);
        let left = len - buffered as u64;
        assert_eq!(io::copy(&mut self.reader.get_mut().take(left), &mut io::sink()).unwrap(), left);
    }

    /// As [`body`](Self::body), where the connection may have ended.
    pub(crate) fn try_body(&mut self, len: usize) -> io::Result<Vec<u8>> {
        let mut body = vec![0; len];
        self.reader.read_exact(&mut body).map(|()| body)
    }

    /// Everything until the server ends the connection, in whichever way, or says nothing for so long.
    pub(crate) fn rest_within(&mut self, silence: Duration) -> Vec<u8> {
        self.reader.get_ref().set_read_timeout(Some(silence)).unwrap();
        let mut rest = Vec::new();
        // What came before the end, or before the silence, is there all the same.
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }

    /// Everything until the server ends the connection, in whichever way.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Ok(_) => rest,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => rest,
            Err(error) => panic!("the server should have closed: {error}"),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.reader.get_ref().local_addr().unwrap()
    }

    pub(crate) fn finish_sending(&self) {
        self.reader.get_ref().shutdown(Shutdown::Write).unwrap();
    }
}

/// Waits until something holds, and says what did not.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
