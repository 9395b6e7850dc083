//! An S3-like origin of the test's own that counts what it is asked for and misbehaves as it is told: GET with a range, nothing else.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use stowaway_domain::Digest;
use stowaway_engine::store::{Store, StoreOptions};

/// How one request is answered; the default is right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// The connection is closed after so many bytes of the body.
    pub(crate) cut_after: Option<usize>,
    /// After so many bytes nothing more comes until [`Origin::release`].
    pub(crate) hold_after: Option<usize>,
    /// Another ETag than the object's.
    pub(crate) etag: Option<&'static str>,
    /// Only this status.
    pub(crate) status: Option<u16>,
}

#[derive(Default)]
struct State {
    asked: Vec<(u64, u64)>,
    sent_bytes: u64,
    scripts: VecDeque<Script>,
    released: usize,
    holding: usize,
}

/// A running origin with one object. Its threads end with their connections.
pub(crate) struct Origin {
    address: SocketAddr,
    bytes: Arc<Vec<u8>>,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Origin {
    pub(crate) fn start(bytes: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (bytes, shared) = (Arc::new(bytes), Arc::<(Mutex<State>, Condvar)>::default());
        let (object, state) = (Arc::clone(&bytes), Arc::clone(&shared));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (object, state) = (Arc::clone(&object), Arc::clone(&state));
                std::thread::spawn(move || serve(&connection.unwrap(), &object, &state));
            }
        });
        Self { address, bytes, shared }
    }

    /// A store whose only object is a blob here.
    pub(crate) fn store(&self, retries: usize) -> Store {
        let environment = [("AWS_SKIP_SIGNATURE", "true")];
        let options = StoreOptions {
            endpoint: Some(format!("http://{}", self.address)),
            retries,
            request_timeout: Duration::from_secs(20),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..StoreOptions::default()
        };
        Store::open("s3://bucket", &options).unwrap()
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the next requests are answered, one script each.
    pub(crate) fn play(&self, scripts: impl IntoIterator<Item = Script>) {
        self.shared.0.lock().unwrap().scripts.extend(scripts);
    }

    /// First and last byte of every request so far, in the order of their coming.
    pub(crate) fn asked(&self) -> Vec<(u64, u64)> {
        self.shared.0.lock().unwrap().asked.clone()
    }

    /// Bytes of bodies sent so far.
    pub(crate) fn sent_bytes(&self) -> u64 {
        self.shared.0.lock().unwrap().sent_bytes
    }

    /// Lets one held answer go on.
    pub(crate) fn release(&self) {
        self.shared.0.lock().unwrap().released += 1;
        self.shared.1.notify_all();
    }

    /// Waits until an answer is held, or so many requests have come.
    pub(crate) async fn until(&self, condition: impl Fn(&Self) -> bool) {
        super::wait::until("the origin has been asked", || condition(self)).await;
    }

    /// Answers held now.
    pub(crate) fn holding(&self) -> usize {
        self.shared.0.lock().unwrap().holding
    }
}

/// Answers the requests of one connection.
fn serve(connection: &TcpStream, object: &[u8], shared: &(Mutex<State>, Condvar)) {
    let mut reader = BufReader::new(connection);
    while let Some((first, last)) = read_head(&mut reader) {
        let script = {
            let mut state = shared.0.lock().unwrap();
            state.asked.push((first, last));
            state.scripts.pop_front().unwrap_or_default()
        };
        // The other end may leave at any time.
        if answer(connection, object, shared, (first, last), &script).is_err() || script.cut_after.is_some() {
            return;
        }
    }
}

/// The range that a request asks for.
fn read_head(reader: &mut impl BufRead) -> Option<(u64, u64)> {
    let mut range = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            return range;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            let (first, last) = value.trim().split_once('-')?;
            range = Some((first.parse().ok()?, last.parse().ok()?));
        }
    }
}

fn answer(
    mut connection: &TcpStream,
    object: &[u8],
    shared: &(Mutex<State>, Condvar),
    (first, last): (u64, u64),
    script: &Script,
) -> std::io::Result<()> {
    if let Some(status) = script.status {
        return write!(connection, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
    }
    let last = last.min(object.len() as u64 - 1);
    let body = &object[first as usize..=last as usize];
    let etag = script.etag.unwrap_or("\"one\"");
    write!(
        connection,
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {first}-{last}/{}\r\n\
         etag: {etag}\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n",
        body.len(),
        object.len()
    )?;
    let stop = script.cut_after.or(script.hold_after).unwrap_or(body.len()).min(body.len());
    send(connection, &body[..stop], shared)?;
    if script.hold_after.is_some() {
        let mut state = shared.0.lock().unwrap();
        state.holding += 1;
        state = shared.1.wait_while(state, |state| state.released == 0).unwrap();
        state.released -= 1;
        state.holding -= 1;
        drop(state);
        send(connection, &body[stop..], shared)?;
    }
    Ok(())
}

fn send(mut connection: &TcpStream, bytes: &[u8], shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    connection.write_all(bytes)?;
    shared.0.lock().unwrap().sent_bytes += bytes.len() as u64;
    Ok(())
}
