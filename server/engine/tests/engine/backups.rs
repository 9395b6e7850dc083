//! Backups: the same text from either database, all of one moment, and restored whole or not at all.

use std::sync::mpsc;

use sqlx::{Connection as _, Row as _};
use stowaway_domain::Digest;
use stowaway_domain::coding::Coding;
use stowaway_engine::db::{BackupError, Database, OnExisting, VariantRow, known_tables};
use tempfile::TempDir;

use super::database::{commit, committed};
use super::postgres::Postgres;

async fn sqlite() -> (TempDir, Database) {
    let folder = TempDir::new().unwrap();
    let url = Database::sqlite_url(&folder.path().join("s.db")).unwrap();
    (folder, Database::open(&url).await.unwrap())
}

/// Two tags, one of them with two releases and a coded form.
async fn fill(database: &Database) {
    committed(database, &commit("a", 1, None)).await;
    committed(database, &commit("a", 2, Some(1))).await;
    committed(database, &commit("b", 1, None)).await;
    let form = |text: &str| Digest::of(text.as_bytes());
    let row = VariantRow { identity: form("text"), coding: Coding::Zstd, digest: form("coded"), size: 4 };
    database.record_variants(&[row]).await.unwrap();
}

async fn backup(database: &Database) -> String {
    let mut out = Vec::new();
    let rows = database.back_up(&mut out, &|| ()).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().last().unwrap().contains(&format!("\"rows\":{rows}")));
    text
}

async fn restore(database: &Database, text: &str, on_existing: OnExisting) -> Result<u64, BackupError> {
    database.restore(&mut text.as_bytes(), on_existing, &|| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_is_what_was_backed_up() {
    let ((_one, from), (_other, to)) = (sqlite().await, sqlite().await);
    fill(&from).await;
    let text = backup(&from).await;
    restore(&to, &text, OnExisting::Refuse).await.unwrap();
    assert_eq!(backup(&to).await, text);
    let tag = "a".parse().unwrap();
    assert_eq!(to.tag_pointer(&tag).await.unwrap(), from.tag_pointer(&tag).await.unwrap());
    assert_eq!(to.releases(&tag).await.unwrap(), from.releases(&tag).await.unwrap());
    assert_eq!(to.items(&tag).await.unwrap(), from.items(&tag).await.unwrap());
    committed(&to, &commit("a", 3, Some(2))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_go_from_sqlite_to_postgresql_and_back() {
    let Some(server) = Postgres::start().await else { return };
    let ((_one, from), (_other, back)) = (sqlite().await, sqlite().await);
    let postgres = Database::open(&server.new_database("restored").await).await.unwrap();
    fill(&from).await;
    let text = backup(&from).await;
    restore(&postgres, &text, OnExisting::Refuse).await.unwrap();
    assert_eq!(backup(&postgres).await, text, "either database writes the same");
    restore(&back, &backup(&postgres).await, OnExisting::Refuse).await.unwrap();
    assert_eq!(backup(&back).await, text);
    // With rows beside them, and while others look.
    restore(&postgres, &text, OnExisting::Replace).await.unwrap();
    committed(&postgres, &commit("b", 2, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_whatever_is_published_meanwhile() {
    let folder = TempDir::new().unwrap();
    let sqlite = Database::sqlite_url(&folder.path().join("s.db")).unwrap();
    expect_one_moment(Database::open(&sqlite).await.unwrap()).await;
    let Some(server) = Postgres::start().await else { return };
    expect_one_moment(Database::open(&server.new_database("moment").await).await.unwrap()).await;
}

async fn expect_one_moment(database: Database) {
    fill(&database).await;
    let before = backup(&database).await;
    let (first_row, wait_for_row) = mpsc::channel();
    let (published, wait_for_publish) = mpsc::channel();
    let other = database.clone();
    let publishing = tokio::spawn(async move {
        tokio::task::block_in_place(|| wait_for_row.recv().unwrap());
        committed(&other, &commit("a", 3, Some(2))).await;
        published.send(()).unwrap();
    });
    let (first_row, wait_for_publish) =
        (std::sync::Mutex::new(Some(first_row)), std::sync::Mutex::new(wait_for_publish));
    let mut out = Vec::new();
    let on_row = || {
        if let Some(sender) = first_row.lock().unwrap().take() {
            sender.send(()).unwrap();
            tokio::task::block_in_place(|| wait_for_publish.lock().unwrap().recv().unwrap());
        }
    };
    database.back_up(&mut out, &on_row).await.unwrap();
    publishing.await.unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), before);
    assert_ne!(backup(&database).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_there_stay_unless_they_are_to_be_replaced() {
    let ((_one, from), (_other, to)) = (sqlite().await, sqlite().await);
    fill(&from).await;
    committed(&to, &commit("other", 1, None)).await;
    let (text, before) = (backup(&from).await, backup(&to).await);
    let refused = restore(&to, &text, OnExisting::Refuse).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty { table: "blobs", .. }), "{refused:?}");
    assert_eq!(backup(&to).await, before);
    restore(&to, &text, OnExisting::Replace).await.unwrap();
    assert_eq!(backup(&to).await, text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cut_off_or_changed_anywhere_changes_nothing() {
    let ((_one, from), (_other, to)) = (sqlite().await, sqlite().await);
    fill(&from).await;
    let text = backup(&from).await;
    let empty = backup(&to).await;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for cut in 0..lines.len() {
        let refused = restore(&to, &lines[..cut].concat(), OnExisting::Refuse).await;
        assert!(matches!(refused, Err(BackupError::Damaged { .. } | BackupError::NotABackup)), "{cut}: {refused:?}");
    }
    for at in (0..text.len()).step_by(7) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let refused = to.restore(&mut bytes.as_slice(), OnExisting::Refuse, &|| ()).await;
        assert!(refused.is_err(), "byte {at}");
    }
    for more in ["x", "\n", "{}\n"] {
        let refused = restore(&to, &format!("{text}{more}"), OnExisting::Refuse).await;
        assert!(matches!(refused, Err(BackupError::Damaged { .. })), "{more:?}: {refused:?}");
    }
    assert_eq!(backup(&to).await, empty);
    restore(&to, &text, OnExisting::Refuse).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_or_of_a_newer_version_is_refused_by_name() {
    let (_folder, to) = sqlite().await;
    for text in ["", "PK\u{3}\u{4}", "{}\n", "{\"stowaway\":\"manifest\"}\n"] {
        let refused = restore(&to, text, OnExisting::Refuse).await.unwrap_err();
        assert!(matches!(refused, BackupError::NotABackup), "{text:?}: {refused:?}");
    }
    for text in [
        "{\"stowaway\":\"backup\",\"format\":2,\"migration\":1}\n",
        "{\"stowaway\":\"backup\",\"format\":1,\"migration\":9999}\n",
    ] {
        let refused = restore(&to, text, OnExisting::Refuse).await.unwrap_err();
        assert!(
            matches!(refused, BackupError::Newer { .. }) && refused.to_string().contains("newer version"),
            "{refused}"
        );
    }
    let injected =
        "{\"stowaway\":\"backup\",\"format\":1,\"migration\":1}\n{\"table\":\"tags\",\"columns\":[\"tag) --\"]}\n";
    let refused = restore(&to, injected, OnExisting::Refuse).await.unwrap_err();
    assert!(matches!(refused, BackupError::Damaged { line: 2, .. }), "{refused:?}");
}

/// Who adds a table decides here whether backups hold it (`db/backup/tables.rs`).
#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_in_backups_or_left_out_by_name() {
    let folder = TempDir::new().unwrap();
    let url = Database::sqlite_url(&folder.path().join("s.db")).unwrap();
    Database::open(&url).await.unwrap().close().await;
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    expect_known(&url, tables).await;
    let Some(server) = Postgres::start().await else { return };
    let url = server.new_database("tables").await;
    Database::open(&url).await.unwrap().close().await;
    expect_known(&url, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await;
}

async fn expect_known(url: &str, tables: &'static str) {
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    let rows = sqlx::query(tables).fetch_all(&mut connection).await.unwrap();
    let mut found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut known: Vec<String> = known_tables().map(str::to_owned).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}
