//! A server process that ends with the test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::http::{self, Answer, Connection};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where its admin listener is.
    pub(crate) admin_address: Option<SocketAddr>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl Server {
    /// Starts `command` and waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let stdout = collect(process.stdout.take().expect("stdout is piped"));
        let stderr = collect(process.stderr.take().expect("stderr is piped"));
        let mut listening = None;
        wait_until("the server listens", || {
            let ended = process.try_wait().expect("the process can be asked");
            assert!(ended.is_none(), "the server ended with {ended:?}: {}", stderr.lock().expect("no panic"));
            listening = address_after(&stdout.lock().expect("no panic"), "Listening on http://");
            listening.is_some()
        });
        let address = listening.expect("just found");
        let mut server = Self { process, address, admin_address: None, stdout, stderr };
        wait_until("the server answers", || Connection::open(address).is_ok());
        server.admin_address = address_after(&server.stdout(), "Metrics and health on http://");
        server
    }

    /// GET without more headers, on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Answer {
        http::request(self.address, "GET", path, &[])
    }

    /// GET with headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::request(self.address, "GET", path, headers)
    }

    /// Any method.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::request(self.address, method, path, headers)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Memory of the process that is in use.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says so");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.lock().expect("no panic").clone()
    }

    /// Standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().expect("no panic").clone()
    }

    /// Events in the log so far, where it is JSON.
    fn log(&self) -> Vec<Value> {
        self.stderr().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Access log events so far.
    pub(crate) fn access_log(&self) -> Vec<Value> {
        self.log().into_iter().filter(|event| event["target"] == "stowaway::access").collect()
    }

    /// The access log event of the request with this id, once it is there.
    pub(crate) fn logged(&self, request_id: &str) -> Value {
        self.event("the request is logged", |event| {
            event["target"] == "stowaway::access" && event["request_id"] == request_id
        })
    }

    /// The first event with this message, once it is there.
    pub(crate) fn said(&self, message: &str) -> Value {
        self.event(&format!("the log says: {message}"), |event| event["message"] == message)
    }

    #[track_caller]
    fn event(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut found = None;
        wait_until(what, || {
            found = self.log().into_iter().find(&is_it);
            found.is_some()
        });
        found.expect("just found")
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.process.id())]).status();
        assert!(sent.expect("sh runs").success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the server ends", || {
            status = self.process.try_wait().expect("the process can be asked");
            status.is_some()
        });
        status.expect("just found")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads a pipe in the background, so that the process never blocks on it.
fn collect(pipe: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            into.lock().expect("no panic").push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        let _ = reader.read_to_end(&mut line);
    });
    text
}

fn address_after(text: &str, prefix: &str) -> Option<SocketAddr> {
    let rest = text.lines().find_map(|line| line.strip_prefix(prefix))?;
    rest.trim().parse().ok()
}

/// Waits for a condition, not for a time.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "gave up waiting until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
