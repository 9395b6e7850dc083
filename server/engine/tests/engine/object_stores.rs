//! Object stores as real servers, started by the test on a free port and ended with it.
//!
//! Without its program a store is not tested, and the test says so, loudly; with `STOWAWAY_TEST_STORES=require` it fails, and with
//! `STOWAWAY_TEST_STORES=require-slow` also without those that take long to build.

#![allow(dead_code, reason = "tests of the engine and of the program share this file, and use different parts of it")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stowaway_engine::store::{Store, StoreOptions};
use tempfile::TempDir;

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Azurite's built-in account, which its documentation gives to everybody.
const AZURITE_ACCOUNT: &str = "devstoreaccount1";
const AZURITE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Garage wants keys of this form.
const GARAGE_KEY: &str = "GK0123456789abcdef01234567";
const GARAGE_SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Who asks, as a header: moto refuses strangers, and looks no closer than that.
const ALLOWED_BY_MOTO: &str = "Authorization: AWS4-HMAC-SHA256 Credential=sample/20260101/us-east-1/s3/aws4_request, \
                               SignedHeaders=host, Signature=0\r\n";

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// S3, by moto.
    Moto,
    /// S3, by s3s-fs.
    S3sFs,
    /// S3, by Garage: only where it was asked for, since it takes very long to build. It ignores conditions on puts.
    Garage,
    /// Azure, by Azurite.
    Azurite,
}

/// A running server with an empty bucket, `media`.
pub(crate) struct ObjectStoreServer {
    kind: Kind,
    port: u16,
    process: Option<Child>,
    directory: TempDir,
}

impl ObjectStoreServer {
    /// Starts a server, or says why not.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let (program, install) = program(kind);
        let Some(program) = program else {
            let missing = format!("{kind:?} is not on this machine: {install}");
            let is_required = match std::env::var("STOWAWAY_TEST_STORES").as_deref() {
                Ok("require") => kind != Kind::Garage,
                Ok("require-slow") => true,
                _ => false,
            };
            assert!(!is_required, "{missing}");
            // Past the capture of the test runner: nobody shall believe that this was tested.
            std::io::stderr().write_all(format!("\nNOT TESTED on {kind:?}: {missing}\n").as_bytes()).unwrap();
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = TempDir::new().unwrap();
        std::fs::create_dir(directory.path().join("media")).unwrap();
        let mut server = Self { kind, port, process: None, directory };
        server.launch(&program);
        server.make_bucket();
        Some(server)
    }

    /// Ends the process. The data stay where the program keeps them on disk (moto forgets all).
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        self.process.take().unwrap().wait().unwrap();
    }

    /// Starts it again, on the same port.
    pub(crate) fn restart(&mut self) {
        self.launch(&program(self.kind).0.unwrap());
    }

    /// Opens a store in the bucket, below `prefix`.
    pub(crate) fn store(&self, prefix: &str, options: StoreOptions) -> Store {
        let variables = self.environment().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (endpoint, environment) = (Some(self.endpoint()), variables.to_vec());
        Store::open(&self.url(prefix), &StoreOptions { endpoint, environment, ..options }).unwrap()
    }

    /// What `storage.url` is to be.
    pub(crate) fn url(&self, prefix: &str) -> String {
        let scheme = if self.kind == Kind::Azurite { "az" } else { "s3" };
        format!("{scheme}://media/{prefix}")
    }

    /// What `storage.endpoint` is to be.
    pub(crate) fn endpoint(&self) -> String {
        let path = if self.kind == Kind::Azurite { format!("/{AZURITE_ACCOUNT}") } else { String::new() };
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The credentials, in the vendor's own variables.
    pub(crate) fn environment(&self) -> [(&'static str, &'static str); 2] {
        match self.kind {
            Kind::Azurite => {
                [("AZURE_STORAGE_ACCOUNT_NAME", AZURITE_ACCOUNT), ("AZURE_STORAGE_ACCOUNT_KEY", AZURITE_KEY)]
            }
            Kind::Moto | Kind::S3sFs => [("AWS_ACCESS_KEY_ID", "sample"), ("AWS_SECRET_ACCESS_KEY", "sample-secret")],
            Kind::Garage => [("AWS_ACCESS_KEY_ID", GARAGE_KEY), ("AWS_SECRET_ACCESS_KEY", GARAGE_SECRET)],
        }
    }

    /// Lets it fall silent, or speak again: a signal such as `STOP` and `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.as_ref().unwrap().id();
        assert!(Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap().success());
    }

    /// Asks moto for an object, as what is in front of a bucket would: head, in lower case, and body.
    pub(crate) fn get(&self, path: &str) -> (String, Vec<u8>) {
        self.ask("GET", path, ALLOWED_BY_MOTO)
    }

    /// The same with headers of one's own.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Connection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
    }

    /// Puts an object into moto's bucket, as somebody else would.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = bytes.len();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{ALLOWED_BY_MOTO}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(bytes).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn launch(&mut self, program: &Path) {
        let port = self.port.to_string();
        let mut command = Command::new(program);
        match self.kind {
            Kind::Moto => command.args(["-H", "127.0.0.1", "-p", &port]),
            Kind::S3sFs => command
                .args(["--host", "127.0.0.1", "--port", &port, "--access-key", "sample"])
                .args(["--secret-key", "sample-secret"])
                .arg(self.directory.path()),
            Kind::Azurite => command
                .args(["--blobHost", "127.0.0.1", "--blobPort", &port, "--silent", "--skipApiVersionCheck"])
                .args(["--disableTelemetry", "--location"])
                .arg(self.directory.path()),
            Kind::Garage => command
                .arg("-c")
                .arg(self.configure_garage())
                .args(["server", "--single-node", "--default-bucket"])
                .env("GARAGE_DEFAULT_ACCESS_KEY", GARAGE_KEY)
                .env("GARAGE_DEFAULT_SECRET_KEY", GARAGE_SECRET)
                .env("GARAGE_DEFAULT_BUCKET", "media"),
        };
        let log = std::fs::File::create(self.directory.path().join("server.log")).unwrap();
        let mut process = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let begun = Instant::now();
        while !self.is_ready() {
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "{:?} does not listen: {}", self.kind, self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.process = Some(process);
    }

    /// Listens, and more: Garage makes its bucket first.
    fn is_ready(&self) -> bool {
        let refused = if self.kind == Kind::Garage { " 403 " } else { "" };
        let Ok(mut connection) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let request = "GET /media HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        refused.is_empty()
            || (connection.write_all(request.as_bytes()).is_ok()
                && connection.read_to_string(&mut answer).is_ok()
                && answer.lines().next().is_some_and(|line| line.contains(refused)))
    }

    /// One node, with all it has below the directory.
    fn configure_garage(&self) -> PathBuf {
        let (directory, port) = (self.directory.path().display(), self.port);
        let rpc = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "metadata_dir = \"{directory}/meta\"\ndata_dir = \"{directory}/data\"\ndb_engine = \"sqlite\"\n\
             replication_factor = 1\nrpc_bind_addr = \"127.0.0.1:{rpc}\"\nrpc_public_addr = \"127.0.0.1:{rpc}\"\n\
             rpc_secret = \"{GARAGE_SECRET}\"\n[s3_api]\ns3_region = \"us-east-1\"\napi_bind_addr = \"127.0.0.1:{port}\"\n"
        );
        let file = self.directory.path().join("garage.toml");
        std::fs::write(&file, text).unwrap();
        file
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("server.log")).unwrap_or_default()
    }

    /// Buckets are made by operators, not by the program under test.
    fn make_bucket(&self) {
        match self.kind {
            // A folder, which is there; and Garage has made its own.
            Kind::S3sFs | Kind::Garage => {}
            Kind::Moto => {
                let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
                let request =
                    "PUT /media HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                connection.write_all(request.as_bytes()).unwrap();
                let mut answer = String::new();
                connection.read_to_string(&mut answer).unwrap();
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            }
            Kind::Azurite => self.make_azure_container(),
        }
    }

    /// With the node that Azurite runs on, which can sign.
    fn make_azure_container(&self) {
        let script = "
            const crypto = require('crypto'), http = require('http');
            const [port, account, key] = process.argv.slice(1), date = new Date().toUTCString();
            const text = ['PUT', '', '', '', '', '', '', '', '', '', '', '', `x-ms-date:${date}`, 'x-ms-version:2021-08-06',
              `/${account}/${account}/media`, 'restype:container'].join('\\n');
            const signature = crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
            const headers = { 'x-ms-date': date, 'x-ms-version': '2021-08-06', 'content-length': 0,
              authorization: `SharedKey ${account}:${signature}` };
            const path = `/${account}/media?restype=container`;
            http.request({ host: '127.0.0.1', port, method: 'PUT', path, headers }, (answer) => {
              if (answer.statusCode !== 201) { console.error(answer.statusCode, answer.statusMessage); process.exit(1); }
              answer.resume();
            }).end();";
        let made = Command::new("node")
            .args(["-e", script, &self.port.to_string(), AZURITE_ACCOUNT, AZURITE_KEY])
            .output()
            .unwrap();
        assert!(made.status.success(), "{} {}", String::from_utf8_lossy(&made.stderr), self.log());
    }
}

impl Drop for ObjectStoreServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Where the program is, and how to get it.
fn program(kind: Kind) -> (Option<PathBuf>, &'static str) {
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let (name, place, install) = match kind {
        Kind::Moto => ("moto_server", "python/bin", ".ci/install test"),
        Kind::S3sFs => ("s3s-fs", "bin", ".ci/install test"),
        Kind::Garage => ("garage", "bin", ".ci/install stores"),
        Kind::Azurite => ("azurite-blob", "azurite/node_modules/.bin", ".ci/install test"),
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::iter::once(tools.join(place)).chain(std::env::split_paths(&path));
    (places.find_map(|place| Some(place.join(name)).filter(|program| program.is_file())), install)
}
