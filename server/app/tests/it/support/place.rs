//! A temporary folder with a store and a database of its own, and the binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{Server, media};

/// Where one test happens. Everything is gone when it ends.
pub(crate) struct Place {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails the test unless the command ended with `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }
}

impl Place {
    /// An empty place.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::with_prefix("stowaway-it-").expect("a temporary folder") }
    }

    /// A place where the sample folder of [`media::course`] is published as `course`.
    pub(crate) fn published() -> Self {
        let place = Self::new();
        media::course(&place.path("course"));
        place.publish("course", "course").expect(0);
        place
    }

    /// A path in the place.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
        std::fs::write(&path, bytes).expect("files can be written");
        path
    }

    /// The binary in this place, without any setting of the machine it runs on.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        Self::command_in(self.folder.path(), arguments)
    }

    /// The binary in another folder.
    pub(crate) fn command_in(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stowaway"));
        let settings = std::env::vars_os().map(|(name, _)| name);
        for name in settings.filter(|name| name.to_string_lossy().starts_with("STOWAWAY_")) {
            command.env_remove(name);
        }
        command.current_dir(folder).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().expect("the binary runs").into()
    }

    /// Publishes `folder` of this place under `tag`.
    pub(crate) fn publish(&self, folder: &str, tag: &str) -> Outcome {
        self.run(&["publish", folder, "--tag", tag, "--json"])
    }

    /// Serves on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Serves on a free port with more arguments.
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
        all.extend_from_slice(arguments);
        Server::start(self.command(&all))
    }
}
