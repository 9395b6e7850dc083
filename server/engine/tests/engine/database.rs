//! One suite for both databases. SQLite has a test a behaviour; PostgreSQL runs all of them on one server.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use stowaway_domain::{AssetPath, Digest, Tag};
use stowaway_engine::db::{
    AssetRow, BlobRow, CommitOutcome, CommitRelease, Database, DbError, ItemRow, JobStart, PointerMove, PreviousRow,
    ReleaseRow,
};
use stowaway_engine::tokens::Tokens;
use tempfile::TempDir;

use super::postgres::Postgres;

/// Declares the suite: every behaviour as a test on SQLite, and all of them for [`postgres`].
macro_rules! suite {
    ($($behaviour:ident,)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $behaviour() {
                    let directory = tempfile::TempDir::new().unwrap();
                    let url = super::Database::sqlite_url(&directory.path().join("new folder/s.db")).unwrap();
                    super::$behaviour(super::Database::open(&url).await.unwrap(), &url).await;
                }
            )*
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn postgresql_behaves_the_same() {
            let Some(server) = Postgres::start().await else { return };
            $(
                let url = server.new_database(stringify!($behaviour)).await;
                println!("{}", stringify!($behaviour));
                $behaviour(Database::open(&url).await.unwrap(), &url).await;
            )*
        }
    };
}

suite! {
    an_unknown_tag_is_none_and_no_error,
    a_release_is_read_back_as_it_was_committed,
    the_pointer_moves_to_the_next_release_and_old_ones_stay,
    a_release_planned_on_an_outdated_pointer_is_superseded,
    of_two_commits_at_once_one_wins,
    a_commit_that_is_stopped_leaves_nothing,
    the_same_number_is_never_given_twice,
    the_media_type_of_an_address_is_that_of_its_first_release,
    items_keep_their_identifiers_when_paths_move,
    tags_come_in_pages_by_name,
    opening_again_keeps_everything,
    opened_by_many_at_once_it_is_set_up_once,
    a_newer_database_is_refused_by_name,
    a_token_is_kept_without_its_secret_and_revoked_once,
    a_pointer_moves_only_from_where_it_was_seen,
    a_tag_that_was_taken_back_is_offered_again_by_a_release,
    jobs_are_listed_newest_first_without_the_names_of_what_is_damaged,
    queries_use_their_indexes,
    queries_use_their_indexes_in_a_large_catalogue_by_their_own_choice,
}

async fn jobs_are_listed_newest_first_without_the_names_of_what_is_damaged(db: Database, _: &str) {
    let lease = Duration::from_secs(60);
    for id in ["01", "02", "03"] {
        assert!(matches!(db.start_job(id, "scrub", "{\"tag\":null}", lease).await.unwrap(), JobStart::Started));
        if id != "03" {
            let (progress, report) =
                ("{\"report\":{\"damage\":[\"a\"],\"blobs\":7}}", "{\"damage\":[\"a\"],\"blobs\":7}");
            db.finish_job(id, "done", progress, Some(report), None).await.unwrap();
        }
    }
    let page = db.jobs_page(None, 2).await.unwrap();
    assert_eq!(
        page.iter().map(|job| (job.id.as_str(), job.state.as_str())).collect::<Vec<_>>(),
        [("03", "running"), ("02", "done")]
    );
    let rest = db.jobs_page(Some("02"), 2).await.unwrap();
    assert_eq!(rest.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["01"]);
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parsed(rest[0].report.as_deref().unwrap()), serde_json::json!({ "blobs": 7 }));
    assert_eq!(parsed(&rest[0].progress), serde_json::json!({ "report": { "blobs": 7 } }));
    let whole = db.job("01").await.unwrap().unwrap();
    assert!(whole.report.unwrap().contains("damage"), "one by its own has all");
    let running = db.start_job("04", "scrub", "{}", lease).await.unwrap();
    assert!(matches!(&running, JobStart::Running(other) if other.id == "03"));
}

fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

fn path(text: &str) -> AssetPath {
    text.parse().unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub(crate) fn commit(name: &str, number: u64, expected_current: Option<u64>) -> CommitRelease {
    let content = format!("{name} {number}");
    CommitRelease {
        identifier: format!("urn:uuid:{name}"),
        expected_current,
        release: ReleaseRow {
            tag: tag(name),
            number,
            release_digest: digest(&format!("release {content}")),
            manifest_digest: digest(&format!("manifest {content}")),
            manifest_bytes: 4_000_000_000 + number,
            pieces_digest: digest(&format!("pieces {content}")),
            pieces_bytes: 7,
            chunks_digest: number.is_multiple_of(2).then(|| digest(&format!("chunks {content}"))),
            modified: "2026-11-22T10:00:00Z".to_owned(),
            previous: expected_current.map(|number| PreviousRow { number, release_digest: digest("before") }),
            summary: format!("{{\"title\":\"{content}\"}}"),
        },
        assets: vec![
            asset(0, "01-basics/01 Über.mp4", "ueber.mp4", &content),
            asset(1, "cover.jpg", "cover.jpg", "cover"),
        ],
        blobs: vec![blob(&content), blob("cover")],
        items: vec![item("urn:uuid:1", "01-basics/01 Über.mp4", &content)],
    }
}

fn asset(position: u64, at: &str, file_name: &str, content: &str) -> AssetRow {
    let media_type = "video/mp4".to_owned();
    AssetRow { position, path: path(at), file_name: file_name.to_owned(), media_type, digest: digest(content) }
}

fn blob(content: &str) -> BlobRow {
    let size = 50_000_000_000;
    BlobRow {
        digest: digest(content),
        size,
        crc32: u32::MAX,
        store_key: format!("blobs/{content}"),
        adopted_etag: None,
        piece_count: 3,
    }
}

fn item(identifier: &str, at: &str, content: &str) -> ItemRow {
    ItemRow { identifier: identifier.to_owned(), path: path(at), digest: digest(content) }
}

pub(crate) async fn committed(db: &Database, commit: &CommitRelease) -> CommitOutcome {
    db.commit_release(commit, &|| Ok(())).await.unwrap()
}

async fn an_unknown_tag_is_none_and_no_error(db: Database, _: &str) {
    db.ping().await.unwrap();
    let (tag, digest) = (tag("none"), digest("none"));
    assert_eq!(db.tag_pointer(&tag).await.unwrap(), None);
    assert_eq!(db.release(&tag, 1).await.unwrap(), None);
    assert_eq!(db.release(&tag, u64::MAX).await.unwrap(), None);
    assert_eq!(db.releases(&tag).await.unwrap(), []);
    assert_eq!(db.blob(&digest).await.unwrap(), None);
    assert_eq!(db.blob_media_type(&digest, "a").await.unwrap(), None);
    assert_eq!(db.asset(&tag, 1, &path("a")).await.unwrap(), None);
    assert_eq!(db.tags_page(None, 10).await.unwrap(), []);
}

async fn a_release_is_read_back_as_it_was_committed(db: Database, _: &str) {
    let commit = commit("a", 1, None);
    assert_eq!(committed(&db, &commit).await, CommitOutcome::Committed);
    let tag = tag("a");
    let pointer = db.tag_pointer(&tag).await.unwrap().unwrap();
    assert_eq!((pointer.release, pointer.last_release), (1, 1));
    assert_eq!((pointer.manifest_digest, pointer.identifier), (commit.release.manifest_digest, commit.identifier));
    assert_eq!(db.release(&tag, 1).await.unwrap(), Some(commit.release));
    for expected in commit.assets {
        assert_eq!(db.blob_media_type(&expected.digest, &expected.file_name).await.unwrap(), Some("video/mp4".into()));
        assert_eq!(db.asset(&tag, 1, &expected.path).await.unwrap(), Some(expected));
    }
    assert_eq!(db.blob_media_type(&digest("cover"), "invented.jpg").await.unwrap(), None);
    for expected in commit.blobs {
        assert_eq!(db.blob(&expected.digest).await.unwrap(), Some(expected));
    }
    assert_eq!(db.items(&tag).await.unwrap(), commit.items);
}

async fn the_pointer_moves_to_the_next_release_and_old_ones_stay(db: Database, _: &str) {
    let (first, second) = (commit("a", 1, None), commit("a", 2, Some(1)));
    committed(&db, &first).await;
    assert_eq!(committed(&db, &second).await, CommitOutcome::Committed);
    let pointer = db.tag_pointer(&tag("a")).await.unwrap().unwrap();
    assert_eq!((pointer.release, pointer.manifest_digest), (2, second.release.manifest_digest));
    assert_eq!(db.releases(&tag("a")).await.unwrap(), [second.release, first.release]);
}

async fn a_release_planned_on_an_outdated_pointer_is_superseded(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    committed(&db, &commit("a", 2, Some(1))).await;
    for late in [commit("a", 1, None), commit("a", 2, Some(1)), commit("a", 3, Some(1))] {
        assert_eq!(committed(&db, &late).await, CommitOutcome::Superseded);
    }
    assert_eq!(db.releases(&tag("a")).await.unwrap().len(), 2);
}

async fn of_two_commits_at_once_one_wins(db: Database, _: &str) {
    for (number, expected) in [(1, None), (2, Some(1)), (3, Some(2))] {
        let attempts = (0..8).map(|_| {
            let (db, commit) = (db.clone(), commit("a", number, expected));
            tokio::spawn(async move { committed(&db, &commit).await })
        });
        let outcomes = futures_util::future::join_all(attempts).await;
        let won = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(CommitOutcome::Committed))).count();
        assert_eq!(won, 1, "release {number}");
        assert_eq!(db.tag_pointer(&tag("a")).await.unwrap().unwrap().release, number);
    }
}

async fn a_commit_that_is_stopped_leaves_nothing(db: Database, _: &str) {
    let stop = || Err(std::io::Error::other("pulled the plug"));
    let stopped = db.commit_release(&commit("a", 1, None), &stop).await;
    assert!(matches!(stopped, Err(DbError::Stopped { .. })));
    assert_eq!(db.tag_pointer(&tag("a")).await.unwrap(), None);
    assert_eq!(db.blob(&digest("cover")).await.unwrap(), None);
    assert_eq!(committed(&db, &commit("a", 1, None)).await, CommitOutcome::Committed);
}

async fn the_same_number_is_never_given_twice(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    assert_eq!(committed(&db, &commit("a", 1, Some(1))).await, CommitOutcome::Superseded);
}

async fn the_media_type_of_an_address_is_that_of_its_first_release(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    let mut later = commit("a", 2, Some(1));
    later.assets[1].media_type = "image/jpeg".to_owned();
    committed(&db, &later).await;
    let served = db.blob_media_type(&digest("cover"), "cover.jpg").await.unwrap();
    assert_eq!(served.as_deref(), Some("video/mp4"));
    assert_eq!(db.asset(&tag("a"), 2, &path("cover.jpg")).await.unwrap().unwrap().media_type, "image/jpeg");
}

async fn items_keep_their_identifiers_when_paths_move(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    let mut next = commit("a", 2, Some(1));
    next.items =
        vec![item("urn:uuid:1", "02-basics/02.mp4", "same"), item("urn:uuid:2", "01-basics/01 Über.mp4", "new")];
    committed(&db, &next).await;
    assert_eq!(db.items(&tag("a")).await.unwrap(), next.items);
}

async fn tags_come_in_pages_by_name(db: Database, _: &str) {
    let names = ["a", "a-b", "a.b", "ab", "b", "z0"];
    for name in ["z0", "ab", "a.b", "b", "a-b", "a"] {
        committed(&db, &commit(name, 1, None)).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = db.tags_page(after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.tag.clone());
        seen.extend(page.into_iter().map(|row| row.tag.to_string()));
    }
    assert_eq!(seen, names);
    let row = db.tags_page(None, 1).await.unwrap().remove(0);
    assert_eq!((row.release, row.summary.as_str()), (1, "{\"title\":\"a 1\"}"));
}

async fn a_token_is_kept_without_its_secret_and_revoked_once(db: Database, _: &str) {
    let tokens = Tokens::new(db.clone());
    let (name, scopes) = ("ci".parse().unwrap(), "publish:a read:".parse().unwrap());
    let (row, token) = tokens.create(name, scopes, "12h".parse().unwrap()).await.unwrap();
    assert_eq!(db.token(token.id()).await.unwrap().as_ref(), Some(&row));
    assert!(token.has_secret_digest(&row.secret_digest) && row.expires > Some(row.created.clone()));
    let other = tokens.create("b".parse().unwrap(), "admin".parse().unwrap(), "never".parse().unwrap()).await.unwrap();
    let listed = |before, limit| {
        let tokens = tokens.clone();
        async move { tokens.list(before, limit).await.unwrap().into_iter().map(|row| row.number).collect::<Vec<_>>() }
    };
    assert_eq!(listed(None, 9).await, [other.0.number, row.number]);
    assert_eq!(listed(Some(other.0.number), 9).await, [row.number]);
    let revoked = tokens.revoke(token.id()).await.unwrap().unwrap();
    assert!(revoked.revoked.is_some());
    assert_eq!(tokens.revoke(token.id()).await.unwrap().unwrap().revoked, revoked.revoked);
    assert_eq!(tokens.revoke(&"00000000000".parse().unwrap()).await.unwrap(), None);
    for (now, due, noted) in [("b", "a", "b"), ("c", "a", "b"), ("d", "b", "d")] {
        db.note_token_use(token.id(), now, due).await.unwrap();
        assert_eq!(db.token(token.id()).await.unwrap().unwrap().last_used.as_deref(), Some(noted));
    }
}

async fn a_pointer_moves_only_from_where_it_was_seen(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    committed(&db, &commit("a", 2, Some(1))).await;
    let seen = db.find_tag(&tag("a")).await.unwrap().unwrap();
    assert_eq!((seen.release, seen.last_release, seen.unpublished.as_deref()), (2, 2, None));
    assert!(db.move_pointer(&seen, PointerMove::To(1), "now").await.unwrap());
    assert!(!db.move_pointer(&seen, PointerMove::Away, "now").await.unwrap(), "somebody else was faster");
    let seen = db.find_tag(&tag("a")).await.unwrap().unwrap();
    assert_eq!((seen.release, seen.last_release), (1, 2));
    assert!(db.move_pointer(&seen, PointerMove::To(9), "now").await.is_err(), "there is no such release");
    assert_eq!(db.tag_pointer(&tag("a")).await.unwrap().unwrap().release, 1);
    let page = |before, limit| {
        let db = db.clone();
        async move { db.releases_page(&tag("a"), before, limit).await.unwrap().len() }
    };
    assert_eq!((page(None, 9).await, page(None, 1).await, page(Some(2), 9).await), (2, 1, 1));
}

async fn a_tag_that_was_taken_back_is_offered_again_by_a_release(db: Database, _: &str) {
    committed(&db, &commit("a", 1, None)).await;
    committed(&db, &commit("b", 1, None)).await;
    let seen = db.find_tag(&tag("a")).await.unwrap().unwrap();
    assert!(db.move_pointer(&seen, PointerMove::Away, "now").await.unwrap());
    assert_eq!(db.tag_pointer(&tag("a")).await.unwrap().unwrap().unpublished.as_deref(), Some("now"));
    assert_eq!(db.tags_page(None, 9).await.unwrap().len(), 1, "the catalogue leaves it out");
    assert_eq!(db.tag_states("", "~", 9).await.unwrap().len(), 2);
    committed(&db, &commit("a", 2, Some(1))).await;
    assert_eq!(db.tag_pointer(&tag("a")).await.unwrap().unwrap().unpublished, None);
    assert_eq!(db.tags_page(None, 9).await.unwrap().len(), 2);
}

async fn opening_again_keeps_everything(db: Database, url: &str) {
    committed(&db, &commit("a", 1, None)).await;
    db.close().await;
    let again = Database::open(url).await.unwrap();
    assert_eq!(again.tag_pointer(&tag("a")).await.unwrap().unwrap().release, 1);
}

async fn opened_by_many_at_once_it_is_set_up_once(_: Database, url: &str) {
    let directory = TempDir::new().unwrap();
    let url: Arc<str> = match url.starts_with("sqlite") {
        true => Database::sqlite_url(&directory.path().join("fresh.db")).unwrap().into(),
        false => format!("{url}_fresh").into(),
    };
    Postgres::create_if_asked(&url).await;
    let opened = (0..6).map(|_| {
        let url = Arc::clone(&url);
        tokio::spawn(async move { Database::open(&url).await.map(drop) })
    });
    for outcome in futures_util::future::join_all(opened).await {
        outcome.unwrap().unwrap();
    }
}

async fn a_newer_database_is_refused_by_name(db: Database, url: &str) {
    db.close().await;
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations \
                 WHERE version = 1";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let refused = Database::open(url).await.unwrap_err();
    assert!(matches!(refused, DbError::Newer { found: 9999, known: 1..9999, .. }), "{refused:?}");
    assert!(refused.to_string().contains("newer than this program"));
}

/// With few rows PostgreSQL rightly prefers to read them all, so it is told not to.
async fn queries_use_their_indexes(db: Database, url: &str) {
    committed(&db, &commit("a", 1, None)).await;
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    let explain = match url.starts_with("sqlite") {
        true => "EXPLAIN QUERY PLAN ",
        false => {
            sqlx::query("SET enable_seqscan = off").execute(&mut connection).await.unwrap();
            "EXPLAIN "
        }
    };
    expect_indexes(&mut connection, explain, url).await;
}

/// As the planner of each database decides, from statistics: 100,000 tags, of which one has 1,000 releases and one 3,000 assets.
async fn queries_use_their_indexes_in_a_large_catalogue_by_their_own_choice(_: Database, url: &str) {
    let is_sqlite = url.starts_with("sqlite");
    let digest =
        if is_sqlite { "CAST(printf('%032d', i) AS BLOB)" } else { "convert_to(lpad(i::text, 32, '0'), 'UTF8')" };
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    for statement in [
        "BEGIN",
        "INSERT INTO blobs (sha256, size_bytes, crc32, store_key, piece_count) SELECT {digest}, i, i, 'k', 1 FROM n",
        "INSERT INTO blob_names (sha256, file_name, media_type) SELECT {digest}, 'a', 'video/mp4' FROM n",
        "INSERT INTO tags (tag, identifier, current_release, last_release) SELECT 'tag-' || i, 'urn:uuid:' || i, 1, 1 FROM many",
        "INSERT INTO releases (tag, number, release_sha256, manifest_sha256, manifest_bytes, pieces_sha256, pieces_bytes, \
         modified, summary) SELECT 'tag-' || i, 1, {digest}, {digest}, 1, {digest}, 1, '2026-11-22T10:00:00Z', '{}' FROM many",
        "INSERT INTO releases (tag, number, release_sha256, manifest_sha256, manifest_bytes, pieces_sha256, pieces_bytes, \
         modified, summary) SELECT 'tag-70', i, {digest}, {digest}, 1, {digest}, 1, '2026-11-22T10:00:00Z', '{}' FROM n \
         WHERE i BETWEEN 2 AND 1000",
        "INSERT INTO release_assets (tag, number, position, path, file_name, media_type, sha256) \
         SELECT 'tag-' || i, 1, 0, 'a', 'a', 'video/mp4', {digest} FROM n",
        "INSERT INTO release_assets (tag, number, position, path, file_name, media_type, sha256) \
         SELECT 'tag-7', 1, i, 'path-' || i, 'a', 'video/mp4', {digest} FROM n",
        "INSERT INTO variants (sha256, coding, variant_sha256, size_bytes) SELECT {digest}, 'br', {digest}, 1 FROM n",
        "INSERT INTO items (tag, identifier, path, sha256) SELECT 'tag-' || i, 'urn:uuid:' || i, 'a', {digest} FROM n",
        "INSERT INTO tokens (id, secret_sha256, name, scopes, created) SELECT 'id-' || i, {digest}, 'n', 'admin', '' FROM n",
        "INSERT INTO adopted_objects (store_key, etag, size_bytes, described) SELECT 'key-' || i, 'e', 1, '{}' FROM n",
        "INSERT INTO uploads (id, owner, sha256, size_bytes, metadata, expires_ms, offset_bytes, tail_bytes, part_bytes, multipart, \
         hash_state, finished, beat) SELECT 'id-' || i, 'o-' || i, {digest}, 1, '', i, 0, 0, 1, '', {digest}, 0, 0 FROM n",
        "INSERT INTO upload_parts (upload, number, content_id) SELECT 'id-' || i, 0, 'c' FROM n",
        "COMMIT",
        "ANALYZE",
    ] {
        let numbers = "WITH RECURSIVE many(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < 100000), \
                       n(i) AS (SELECT i FROM many WHERE i <= 3000) ";
        let numbers = if statement.starts_with("INSERT") { numbers } else { "" };
        let statement = sqlx::AssertSqlSafe(format!("{numbers}{}", statement.replace("{digest}", digest)));
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let explain = if is_sqlite { "EXPLAIN QUERY PLAN " } else { "EXPLAIN " };
    expect_indexes(&mut connection, explain, url).await;
}

async fn expect_indexes(connection: &mut sqlx::AnyConnection, explain: &str, url: &str) {
    for query in Database::READ_QUERIES {
        let explained = sqlx::AssertSqlSafe(format!("{explain}{}", with_values(query, url)));
        let rows = sqlx::query(explained).fetch_all(&mut *connection).await.unwrap();
        let column = if url.starts_with("sqlite") { 3 } else { 0 };
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, column)).collect();
        let plan = plan.join("\n");
        assert!(!plan.contains("SCAN ") && !plan.contains("Seq Scan"), "{query}\n{plan}");
        assert!(plan.contains("SEARCH") || plan.contains("Index"), "{query}\n{plan}");
    }
}

/// Placeholders have types that EXPLAIN would have to be told; values say it all.
fn with_values(query: &str, url: &str) -> String {
    let bytes = if url.starts_with("sqlite") { "X'00'" } else { r"'\x00'" };
    let sha256 = if query.contains("sha256 = $1") { bytes } else { "'tag-70'" };
    let query =
        query.replace("LIMIT $2", "LIMIT 5").replace("number = $2", "number = 1").replace("_ms < $1", "_ms < 1");
    let query =
        query.replace("number < $1", "number < 5").replace("number < $2", "number < 5").replace("LIMIT $3", "LIMIT 5");
    query.replace("$1", sha256).replace("$2", "'a'").replace("$3", "'a'")
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_at_once_and_why() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("x.db");
    std::fs::write(&file, "this is no database, whatever its name says, and it is longer than a header ".repeat(99))
        .unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, words) in [
        (Database::sqlite_url(&file).unwrap(), "not a database"),
        (format!("postgres://someone:secret@{nobody}/x"), "refused"),
    ] {
        let begun = std::time::Instant::now();
        let refused = Database::open(&url).await.unwrap_err();
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "its patience is ten seconds");
        let cause = std::error::Error::source(&refused).unwrap().to_string();
        assert!(cause.contains(words), "{cause}");
        assert!(!format!("{refused} {cause}").contains("secret"));
    }
}
