//! A PostgreSQL server of the test's own, in a temporary directory, gone with it.
//!
//! Tests of the engine and of the program share this file. Without `initdb` and `postgres` on this machine the test says so, loudly; with `STOWAWAY_TEST_POSTGRES=require` it fails.

#![allow(dead_code, reason = "tests of the engine and of the program share this file, and use different parts of it")]

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use tempfile::TempDir;

pub(crate) struct Postgres {
    server: Option<Child>,
    port: u16,
    programs: PathBuf,
    directory: TempDir,
}

impl Postgres {
    /// Starts a server, or says why not.
    pub(crate) async fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let missing = "PostgreSQL is not on this machine (initdb, postgres): apt-get install postgresql";
            assert_ne!(std::env::var("STOWAWAY_TEST_POSTGRES").as_deref(), Ok("require"), "{missing}");
            // Past the capture of the test runner: nobody shall believe that this was tested.
            let said = format!("\nNOT TESTED on PostgreSQL: {missing}\n");
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return None;
        };
        let directory = TempDir::new().unwrap();
        let data = directory.path().join("data");
        make_reachable(directory.path());
        let made = as_unprivileged(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        guard_one_user(&data.join("pg_hba.conf"));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { server: None, port, programs, directory };
        server.launch().await;
        Some(server)
    }

    /// Starts it, on the same port and data as before.
    pub(crate) async fn launch(&mut self) {
        let folder = self.directory.path();
        let server = as_unprivileged(&self.programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        self.server = Some(server);
        self.wait_until_ready().await;
    }

    /// Ends it as a crash would: connections are cut, nothing is tidied up.
    pub(crate) fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGQUIT is PostgreSQL's immediate shutdown; its own children go with it.
        if !signal("QUIT", &[server.id()]) {
            let _ = server.kill();
        }
        let _ = server.wait();
    }

    /// Lets all of it fall silent: connections stay open, and nobody answers.
    pub(crate) fn freeze(&self) {
        assert!(signal("STOP", &self.processes()));
    }

    /// Lets it speak again.
    pub(crate) fn thaw(&self) {
        assert!(signal("CONT", &self.processes()));
    }

    /// The server and its children, one a connection. The server first: it starts no more of them once it is stopped.
    fn processes(&self) -> Vec<u32> {
        let server = self.server.as_ref().unwrap().id();
        let children = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
        std::iter::once(server).chain(children.split_whitespace().map(|child| child.parse().unwrap())).collect()
    }

    /// The address of a fresh database.
    pub(crate) async fn new_database(&self, name: &str) -> String {
        let url = self.url("postgres", name);
        create(&url).await;
        url
    }

    /// The address of a database, there or not, for this user.
    pub(crate) fn url(&self, user: &str, name: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{name}", self.port)
    }

    /// Creates the database of a PostgreSQL address; SQLite's come by themselves.
    pub(crate) async fn create_if_asked(url: &str) {
        if url.starts_with("postgres") {
            create(url).await;
        }
    }

    async fn wait_until_ready(&mut self) {
        sqlx::any::install_default_drivers();
        let url = self.url("postgres", "postgres");
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match sqlx::AnyConnection::connect(&url).await {
                Ok(_) => return,
                Err(error) => assert!(Instant::now() < deadline, "PostgreSQL does not answer: {error}"),
            }
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "PostgreSQL ended at once");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            // One that is stopped hears nothing.
            signal("CONT", &[server.id()]);
        }
        self.kill();
    }
}

fn signal(name: &str, processes: &[u32]) -> bool {
    let numbers = processes.iter().map(u32::to_string);
    Command::new("kill").arg(format!("-{name}")).args(numbers).status().is_ok_and(|status| status.success())
}

/// Everybody is trusted but the user `guarded`, who has no right password.
fn guard_one_user(rules: &Path) {
    let trusting = std::fs::read_to_string(rules).unwrap();
    std::fs::write(rules, format!("host all guarded 127.0.0.1/32 scram-sha-256\n{trusting}")).unwrap();
}

async fn create(url: &str) {
    let (server, name) = url.rsplit_once('/').unwrap();
    let mut connection = sqlx::AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""));
    sqlx::query(statement).execute(&mut connection).await.unwrap();
}

/// The folder of `initdb` and `postgres`: on the PATH, or where Debian hides it.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = on_path.into_iter().flatten().chain(versions.map(|version| version.path().join("bin")));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// PostgreSQL refuses to run as root; then it runs as the user `postgres`, and ends with this process.
fn as_unprivileged(program: &Path) -> Command {
    if !am_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=QUIT"]).arg(program);
    command
}

fn am_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// Lets the user `postgres` write into a directory of root's.
fn make_reachable(directory: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    if am_root() {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
}
