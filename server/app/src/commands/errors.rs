//! The one place that says which exit code an error has, and what to try.

use std::error::Error;

use stowaway_engine::db::DbError;
use stowaway_engine::publish::PublishError;
use stowaway_engine::read::ReadError;
use stowaway_engine::store::StoreError;

use crate::configuration::ConfigurationError;
use crate::failure::Failure;
use crate::http::ServerError;

/// A configuration that is refused is the caller's to change.
pub(super) fn configuration(error: ConfigurationError) -> Failure {
    let remedy = error.remedy();
    Failure::caller(error).remedy(remedy)
}

/// The store cannot be opened or failed. An address that names no store is a bad value; all else is the environment.
pub(super) fn store(error: StoreError) -> Failure {
    match error {
        StoreError::Url { .. } => Failure::caller(error),
        StoreError::Open { .. } => Failure::environment(error)
            .remedy("check storage.url (`stowaway config` shows where it is set), and that it may be written"),
        _ => Failure::environment(error),
    }
}

/// The database cannot be opened or failed.
pub(super) fn database(error: DbError) -> Failure {
    match error {
        DbError::Url { .. } => Failure::caller(error),
        DbError::Open { .. } => Failure::environment(error)
            .remedy("check database.url (`stowaway config` shows where it is set), and that it may be written"),
        _ => Failure::environment(error),
    }
}

/// A publish that made no release.
pub(super) fn publish(error: PublishError) -> Failure {
    match error {
        PublishError::Store(error) => store(error),
        PublishError::Database(error) => database(error),
        error if error.is_misuse() => Failure::caller(error),
        error => Failure::environment(error),
    }
}

/// Something that a command asked for and that cannot be read.
pub(super) fn read(error: &ReadError) -> Failure {
    let text = chain(error);
    match error {
        ReadError::NoTag(_) => Failure::caller(text).remedy("publish it first: stowaway publish DIR --tag TAG"),
        ReadError::NoRelease { tag, .. } => {
            Failure::caller(text).remedy(format!("list what there is: stowaway releases {tag}"))
        }
        _ => Failure::environment(text),
    }
}

/// The server cannot run.
pub(super) fn server(error: ServerError) -> Failure {
    let remedy = match &error {
        ServerError::InUse { .. } => {
            "stop that process, or choose another port with --listen (port 0 takes a free one)"
        }
        ServerError::Listen { .. } => "listen on an address of this machine, such as 127.0.0.1:8080 or 0.0.0.0:8080",
        ServerError::Run(_) => "",
    };
    Failure::environment(error).remedy(remedy)
}

/// The chain of a shared error as one text, since what is shared cannot be taken apart.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
