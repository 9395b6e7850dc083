//! The one place that says which exit code an error has, and what to try.

use stowaway_engine::db::{BackupError, DbCause, DbError};
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::export::ExportError;
use stowaway_engine::gc::GcError;
use stowaway_engine::publish::{AdoptError, PublishError};
use stowaway_engine::read::ReadError;
use stowaway_engine::releases::ReleaseError;
use stowaway_engine::remote::RemoteError;
use stowaway_engine::scrub::ScrubError;
use stowaway_engine::store::{StoreError, StoreFault};
use stowaway_engine::tokens::TokenError;

use crate::configuration::ConfigurationError;
use crate::failure::{Failure, is_disk_full};
use crate::http::ServerError;

const PUBLISH_FIRST: &str = "publish it first: stowaway publish DIR --tag TAG; or say where it is with --database-url and --storage-url, or in stowaway.toml";

/// A command that only reads found no database.
pub(super) fn nothing_published(looked_in: &str) -> Failure {
    Failure::caller(format!("nothing was published here: there is no {looked_in}")).remedy(PUBLISH_FIRST)
}

/// A configuration that is refused is the caller's to change.
pub(super) fn configuration(error: ConfigurationError) -> Failure {
    let remedy = error.remedy();
    Failure::caller(error).remedy(remedy)
}

/// The store cannot be opened or failed. An address that names no store is a bad value; all else is the environment.
pub(super) fn store(error: StoreError) -> Failure {
    let fault = error.fault();
    match error {
        StoreError::Url { .. } => Failure::caller(error),
        error if is_disk_full(&error) => Failure::environment(error)
            .remedy("make room on the disk of storage.url (`stowaway config` shows where that is), then run this again: it goes on from here"),
        StoreError::Open { .. } => Failure::environment(error)
            .remedy("check storage.url (`stowaway config` shows where it is set), and that it may be written"),
        StoreError::Failed { .. } => Failure::environment(error).remedy(match fault {
            Some(StoreFault::ClockSkew) => "set the clock of this machine, or of the store: signatures only count while the two agree to some minutes",
            Some(StoreFault::Credentials) => "check the credentials in the environment (AWS_…, AZURE_…, GOOGLE_…): the store does not know or no longer takes them",
            Some(StoreFault::NoBucket) => "make the bucket, or correct storage.url (`stowaway config` shows where it is set), storage.endpoint or storage.region",
            None => "check storage.url, storage.endpoint, storage.region and the credentials in the environment (AWS_…, AZURE_…, GOOGLE_…)",
        }),
        _ => Failure::environment(error),
    }
}

/// The database cannot be opened or failed.
pub(super) fn database(error: DbError) -> Failure {
    let remedy = match (error.cause(), &error) {
        (_, DbError::Url { .. }) => return Failure::caller(error),
        (Some(DbCause::Full), _) => {
            "make room on the disk of database.url (`stowaway config` shows where that is), then try again"
        }
        (Some(DbCause::Locked), _) => {
            "another program writes into the database and has not ended: let it end, or end it, then try again"
        }
        (Some(DbCause::ReadOnly), _) => {
            "let this user write the file of database.url and its folder; a PostgreSQL must not be a standby"
        }
        (Some(DbCause::Password), _) => {
            "check user and password in database.url (`stowaway config` shows where it is set)"
        }
        (Some(DbCause::NoDatabase), _) => "create that database (createdb), or correct its name in database.url",
        (None, error) if is_disk_full(error) => {
            "make room on the disk of database.url (`stowaway config` shows where that is), then try again"
        }
        (None, DbError::Open { .. }) => {
            "check database.url (`stowaway config` shows where it is set), and that it may be written"
        }
        (None, _) => "",
    };
    Failure::environment(error).remedy(remedy)
}

/// A backup that was not written or not restored.
pub(super) fn backup(error: BackupError) -> Failure {
    match error {
        BackupError::Database(error) => database(error),
        BackupError::NotEmpty { .. } => Failure::caller(error).remedy(
            "restore into another database, or replace what is in this one with --force (make a backup of it first)",
        ),
        BackupError::Removing => Failure::environment(error).remedy(
            "wait until the gc is done (it counts as ended 5 minutes after its last sign of life), and restore again",
        ),
        BackupError::NotABackup => {
            Failure::caller(error).remedy("give the file that `stowaway backup FILE` wrote, unpacked")
        }
        BackupError::Newer { .. } => {
            Failure::caller(error).remedy("restore it with the version that wrote it, or a newer one")
        }
        BackupError::Damaged { .. } => Failure::caller(error).remedy("take another backup; nothing was changed"),
        BackupError::Write(_) | BackupError::Read(_) => Failure::environment(error),
    }
}

/// A token that was not made.
pub(super) fn token(error: TokenError) -> Failure {
    match error {
        TokenError::Database(error) => database(error),
        error @ TokenError::Random(_) => Failure::environment(error),
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

/// A publish over the network that made no release.
pub(super) fn remote(error: RemoteError) -> Failure {
    let remedy = match &error {
        RemoteError::Refused { status: 401, .. } => {
            "make a token at the server: stowaway token create --name NAME --scope publish:TAG; give it in STOWAWAY_TOKEN"
        }
        RemoteError::Refused { status: 403, .. } => {
            "make a token that may publish this tag: stowaway token create --name NAME --scope publish:TAG"
        }
        RemoteError::Refused { status: 404, .. } => "check --server, and that the server is of at least this version",
        RemoteError::Refused { status: 507, .. } => {
            "have room made at the server's storage, then publish again: it goes on from here"
        }
        RemoteError::Refused { code: Some(code), .. } if code == "upload-digest-mismatch" => {
            "a file changed while it was sent: wait until nothing writes to the folder, then publish again"
        }
        _ => "",
    };
    let failure = if error.is_misuse() { Failure::caller(error) } else { Failure::environment(error) };
    failure.remedy(remedy)
}

/// A gc that ended early.
pub(super) fn gc(error: GcError) -> Failure {
    match error {
        GcError::Store(error) => store(error),
        GcError::Database(error) => database(error),
        error @ GcError::OtherDatabase { .. } => Failure::environment(error).remedy(
            "look at database.url and storage.url (stowaway config); a database that was lost or is too old is made again by stowaway restore --from-store",
        ),
        error => Failure::environment(error),
    }
}

/// A scrub that ended early.
pub(super) fn scrub(error: ScrubError) -> Failure {
    match error {
        ScrubError::Store(error) => store(error),
        ScrubError::Copy(_) => {
            Failure::environment(error).remedy("check the address given with --repair-from, and its credentials")
        }
        ScrubError::Database(error) => database(error),
        ScrubError::Workspace { .. } => {
            Failure::environment(error).remedy("make room there, or set TMPDIR to a folder that has some")
        }
        error => Failure::environment(error),
    }
}

/// Something that a command asked for and that cannot be read; `looked_in` is the address of the database.
pub(super) fn read(error: &ReadError, looked_in: &str) -> Failure {
    let text = ErrorChain(error).to_string();
    match error {
        ReadError::NoTag(_) => Failure::caller(format!("{text} in {looked_in}")).remedy(PUBLISH_FIRST),
        ReadError::Unpublished { tag, .. } => Failure::caller(text)
            .remedy(format!("offer it again: stowaway rollback {tag} N, or publish a folder under it")),
        ReadError::NoRelease { tag, .. } | ReadError::Retired { tag, .. } => {
            Failure::caller(text).remedy(format!("list what there is: stowaway releases {tag}"))
        }
        _ => Failure::environment(text),
    }
}

/// A pointer that was not moved; `looked_in` is the address of the database.
pub(super) fn release(error: ReleaseError, looked_in: &str) -> Failure {
    match error {
        ReleaseError::Database(error) => database(error),
        ReleaseError::NoTag(_) => Failure::caller(format!("{error} in {looked_in}")).remedy(PUBLISH_FIRST),
        ReleaseError::NoRelease { ref tag, .. } | ReleaseError::Retired { ref tag, .. } => {
            let remedy = format!("list what there is: stowaway releases {tag}");
            Failure::caller(error).remedy(remedy)
        }
        error @ (ReleaseError::Changed { .. } | ReleaseError::Overtaken { .. }) => Failure::environment(error),
    }
}

/// An adoption that made no release.
pub(super) fn adopt(error: AdoptError) -> Failure {
    match error {
        AdoptError::Publish(error) => publish(error),
        error @ AdoptError::Scratch { .. } => {
            Failure::environment(error).remedy("name another folder with --scratch, or make room")
        }
        error => Failure::caller(error),
    }
}

/// A site that was not exported to its end; `looked_in` is the address of the database.
pub(super) fn export(error: ExportError, looked_in: &str) -> Failure {
    match error {
        ExportError::NoTag(tag) => read(&ReadError::NoTag(tag), looked_in),
        ExportError::Database(error) => database(error),
        ExportError::Open(error) => store(error),
        error if is_disk_full(&error) => {
            Failure::environment(error).remedy("make room where the site is, then export again: it goes on from here")
        }
        ExportError::Busy { .. } => {
            Failure::environment(error).remedy("wait until it has ended, then export again")
        }
        ExportError::Site { .. } => Failure::environment(error)
            .remedy("check that it may be written, and for a bucket the credentials, endpoint and region of the store"),
        ExportError::FileAndFolder { .. } => Failure::caller(error)
            .remedy("a bucket can hold both; for a folder rename one of them and publish again, or leave both out with --no-aliases"),
        ExportError::Notes { .. } => {
            Failure::environment(error).remedy("delete it and everything below /tags/TAG/media/, then export again")
        }
        error => Failure::environment(error),
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

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_full_disk_says_where_to_make_room() {
        let full = std::io::Error::from(ErrorKind::StorageFull);
        let failed =
            StoreError::Failed { operation: "upload", key: "blobs/ab/abcd".to_owned(), source: Box::new(full) };
        let report = publish(PublishError::Store(failed)).report();
        assert!(report.contains("try: make room on the disk of storage.url"), "{report}");
        let other = std::io::Error::from(ErrorKind::PermissionDenied);
        let failed =
            StoreError::Failed { operation: "upload", key: "blobs/ab/abcd".to_owned(), source: Box::new(other) };
        assert!(!publish(PublishError::Store(failed)).report().contains("make room"));
    }
}
