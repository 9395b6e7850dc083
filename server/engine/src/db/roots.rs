//! What is in use: every place in the database that needs content of the store. Whoever adds a table that does adds a line here.

use std::collections::HashSet;

use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use stowaway_domain::{Digest, Need, StoreKey, Subject, Tag};

use super::claims::{MOST_BINDS, placeholders, take_turn};
use super::query::stored;
use super::rows::{digest, optional_digest};
use super::{Database, DbError};

/// Statements that give digests of content in use; each is completed by `= $n` or `IN (…)`. Releases whose grace is over are no
/// roots: `{kept}` says which ones count.
const ROOTS: &[&str] = &[
    "SELECT a.sha256 FROM release_assets a JOIN releases r ON r.tag = a.tag AND r.number = a.number WHERE {kept} AND a.sha256",
    "SELECT r.manifest_sha256 AS sha256 FROM releases r WHERE {kept} AND r.manifest_sha256",
    "SELECT r.pieces_sha256 AS sha256 FROM releases r WHERE {kept} AND r.pieces_sha256",
    // What others wrote, in a release or read for the next one: whatever there is of it stays.
    "SELECT sha256 FROM blobs WHERE adopted_etag IS NOT NULL AND sha256",
    "SELECT sha256 FROM adopted_objects WHERE sha256",
    "SELECT i.index_sha256 AS sha256 FROM piece_indexes i JOIN blobs b ON b.sha256 = i.sha256 \
     WHERE b.adopted_etag IS NOT NULL AND i.index_sha256",
    "SELECT i.index_sha256 AS sha256 FROM piece_indexes i JOIN adopted_objects o ON o.sha256 = i.sha256 WHERE i.index_sha256",
    // What somebody uploaded, or is uploading.
    "SELECT sha256 FROM uploads WHERE sha256",
    // The piece index of a blob that a release needs.
    "SELECT i.index_sha256 AS sha256 FROM piece_indexes i JOIN release_assets a ON a.sha256 = i.sha256 \
     JOIN releases r ON r.tag = a.tag AND r.number = a.number WHERE {kept} AND i.index_sha256",
];

const LOOK: &str = "find what is in use";
const CONDEMN: &str = "condemn what nobody needs";

/// Which releases still need what they name.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Releases that were retired at this time (milliseconds since 1970) or before need nothing any more.
    pub retired_after_ms: i64,
}

impl Kept {
    /// Whatever retired releases need is kept, as long as their rows are there.
    pub const EVERY_RETIRED: Self = Self { retired_after_ms: i64::MIN };

    fn condition(self) -> String {
        format!("r.swept_ms IS NULL AND (r.retired_ms IS NULL OR r.retired_ms > {})", self.retired_after_ms)
    }

    fn roots(self) -> impl Iterator<Item = String> {
        let condition = self.condition();
        ROOTS.iter().map(move |root| root.replace("{kept}", &condition))
    }
}

impl Database {
    /// Of these objects, those that nothing needs: no release, no claim, no row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unneeded(&self, keys: &[StoreKey], kept: Kept) -> Result<Vec<StoreKey>, DbError> {
        let contents: Vec<Digest> = keys.iter().filter_map(content).collect::<HashSet<_>>().into_iter().collect();
        let subjects: Vec<Subject> = keys.iter().map(StoreKey::subject).collect::<HashSet<_>>().into_iter().collect();
        let claimed = self.claimed_among(&subjects).await?;
        let mut needed: HashSet<Digest> = HashSet::new();
        for root in kept.roots() {
            needed.extend(self.digests(&root, &contents).await?);
        }
        let forms = self.recorded_forms(&contents).await?;
        let documents = self.documents_in_use(keys, kept).await?;
        let recorded = self.releases_recorded(keys).await?;
        let is_needed = |key: &StoreKey| match key.need() {
            Need::Content(digest) => needed.contains(&digest),
            Need::Form { identity, form } => needed.contains(&identity) && forms.contains(&(identity, form)),
            Need::Document { tag, release, digest } => documents.contains(&(tag, release, digest)),
            Need::Record { tag, release, manifest } => recorded.contains(&(tag, release, manifest)),
            Need::Tag(_) | Need::Upload(_) | Need::Foreign(_) => true,
        };
        let is_unneeded = |key: &&StoreKey| !claimed.contains(&key.subject().to_string()) && !is_needed(key);
        Ok(keys.iter().filter(is_unneeded).cloned().collect())
    }

    /// Decides that these objects are removed by `remover`, unless somebody needs or claims them by now; and takes back the rows that
    /// said they are there. Gives those that are condemned; nothing when the remover is no job that runs.
    ///
    /// # Errors
    /// The database failed; nothing is condemned.
    pub async fn condemn(
        &self,
        keys: &[StoreKey],
        kept: Kept,
        remover: &str,
    ) -> Result<Option<Vec<StoreKey>>, DbError> {
        let failed = || DbError::query(CONDEMN);
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        take_turn(&mut transaction).await.map_err(failed())?;
        let runs = sqlx::query("SELECT id FROM jobs WHERE id = $1 AND state = 'running'").bind(remover);
        if runs.fetch_optional(&mut *transaction).await.map_err(failed())?.is_none() {
            transaction.rollback().await.map_err(failed())?;
            return Ok(None);
        }
        let mut condemned = Vec::new();
        for key in keys {
            if condemn_one(&mut transaction, key, kept, remover).await.map_err(failed())? {
                forget_rows(&mut transaction, key, kept, self.dialect.now_ms()).await.map_err(failed())?;
                condemned.push(key.clone());
            }
        }
        transaction.commit().await.map_err(failed())?;
        Ok(Some(condemned))
    }

    /// Whether anybody claims the subject.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_claimed(&self, subject: &Subject) -> Result<bool, DbError> {
        Ok(!self.claimed_among(std::slice::from_ref(subject)).await?.is_empty())
    }

    async fn claimed_among(&self, subjects: &[Subject]) -> Result<HashSet<String>, DbError> {
        self.texts_among("SELECT subject FROM claims WHERE subject", subjects, LOOK).await
    }

    async fn digests(&self, root: &str, among: &[Digest]) -> Result<Vec<Digest>, DbError> {
        let mut found = Vec::new();
        for some in among.chunks(MOST_BINDS) {
            let statement = format!("{root} IN ({})", placeholders(1, some.len()));
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
            for wanted in some {
                query = query.bind(wanted.as_bytes().as_slice());
            }
            let rows = query.fetch_all(self.pool()).await.map_err(DbError::query(LOOK))?;
            let digests = rows.iter().map(|row| digest(row, "sha256")).collect::<sqlx::Result<Vec<_>>>();
            found.extend(digests.map_err(DbError::query(LOOK))?);
        }
        Ok(found)
    }

    async fn recorded_forms(&self, identities: &[Digest]) -> Result<HashSet<(Digest, Digest)>, DbError> {
        let forms = self.variants_of(identities).await?;
        Ok(forms.into_iter().map(|form| (form.identity, form.digest)).collect())
    }

    /// Releases that these objects are records of, and that have a row.
    async fn releases_recorded(&self, keys: &[StoreKey]) -> Result<HashSet<(Tag, u64, Digest)>, DbError> {
        let mut found = HashSet::new();
        for key in keys {
            let Need::Record { tag, release, manifest } = key.need() else { continue };
            let Some(number) = stored(release) else { continue };
            let query = sqlx::query("SELECT manifest_sha256 AS sha256 FROM releases WHERE tag = $1 AND number = $2");
            let query = query.bind(tag.as_str().to_owned()).bind(number);
            let row = query.fetch_optional(self.pool()).await.map_err(DbError::query(LOOK))?;
            let named = row.map(|row| digest(&row, "sha256")).transpose().map_err(DbError::query(LOOK))?;
            found.extend(named.filter(|named| *named == manifest).map(|named| (tag, release, named)));
        }
        Ok(found)
    }

    /// Documents that the releases of these objects name.
    async fn documents_in_use(&self, keys: &[StoreKey], kept: Kept) -> Result<HashSet<(Tag, u64, Digest)>, DbError> {
        let statement = format!(
            "SELECT manifest_sha256, pieces_sha256, chunks_sha256 FROM releases r WHERE tag = $1 AND number = $2 AND {}",
            kept.condition()
        );
        let releases: HashSet<(Tag, u64)> = keys.iter().filter_map(release).collect();
        let mut found = HashSet::new();
        for (tag, number) in releases {
            let Some(stored) = stored(number) else { continue };
            let query = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).bind(tag.as_str().to_owned()).bind(stored);
            let row = query.fetch_optional(self.pool()).await.map_err(DbError::query(LOOK))?;
            let digests = row.map_or_else(|| Ok(Vec::new()), |row| documents(&row)).map_err(DbError::query(LOOK))?;
            found.extend(digests.into_iter().map(|digest| (tag.clone(), number, digest)));
        }
        Ok(found)
    }
}

/// What a record is needed for: the row of its release, retired or not.
const RECORDED: &str = "SELECT 1 FROM releases WHERE manifest_sha256 = $4 AND tag = $5 AND number = $6";

fn documents(row: &AnyRow) -> sqlx::Result<Vec<Digest>> {
    let columns = ["manifest_sha256", "pieces_sha256", "chunks_sha256"];
    columns.iter().filter_map(|column| optional_digest(row, column).transpose()).collect()
}

/// One statement decides: what it sees is of one moment, so that a publish that commits meanwhile is seen by its claims or its release.
async fn condemn_one(
    transaction: &mut Transaction<'_, Any>,
    key: &StoreKey,
    kept: Kept,
    remover: &str,
) -> sqlx::Result<bool> {
    let needed = needed_condition(key, kept);
    let statement = format!(
        "INSERT INTO condemned (store_key, subject, remover) SELECT $1, $2, $3 \
         WHERE NOT EXISTS (SELECT 1 FROM claims WHERE subject = $2) AND NOT ({needed}) ON CONFLICT DO NOTHING"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(key.to_string())
        .bind(key.subject().to_string())
        .bind(remover.to_owned());
    query = match key.need() {
        Need::Content(digest) => query.bind(digest.as_bytes().to_vec()),
        Need::Form { identity, form } => query.bind(identity.as_bytes().to_vec()).bind(form.as_bytes().to_vec()),
        Need::Document { tag, release, digest } | Need::Record { tag, release, manifest: digest } => query
            .bind(digest.as_bytes().to_vec())
            .bind(tag.as_str().to_owned())
            .bind(stored(release).unwrap_or(i64::MAX)),
        Need::Tag(_) | Need::Upload(_) | Need::Foreign(_) => query,
    };
    Ok(query.execute(&mut **transaction).await?.rows_affected() == 1)
}

/// `$4` is the digest, `$5` and `$6` what else the key has.
fn needed_condition(key: &StoreKey, kept: Kept) -> String {
    let any_root = || kept.roots().map(|root| format!("EXISTS ({root} = $4)")).collect::<Vec<_>>().join(" OR ");
    match key.need() {
        Need::Content(_) => any_root(),
        Need::Form { .. } => {
            format!("EXISTS (SELECT 1 FROM variants WHERE sha256 = $4 AND variant_sha256 = $5) AND ({})", any_root())
        }
        Need::Tag(_) | Need::Upload(_) | Need::Foreign(_) => "1 = 1".to_owned(),
        Need::Record { .. } => format!("EXISTS ({RECORDED})"),
        Need::Document { .. } => format!(
            "EXISTS (SELECT 1 FROM releases r WHERE r.tag = $5 AND r.number = $6 AND {} \
             AND (r.manifest_sha256 = $4 OR r.pieces_sha256 = $4 OR r.chunks_sha256 = $4))",
            kept.condition()
        ),
    }
}

/// What said that the object is there.
async fn forget_rows(
    transaction: &mut Transaction<'_, Any>,
    key: &StoreKey,
    kept: Kept,
    now_ms: &str,
) -> sqlx::Result<()> {
    match key.need() {
        Need::Content(digest) => {
            let removed = format!(
                "UPDATE blobs SET removed_ms = {now_ms} WHERE sha256 = $1 AND removed_ms IS NULL AND adopted_etag IS NULL"
            );
            for statement in [removed.as_str(), "DELETE FROM piece_indexes WHERE sha256 = $1"] {
                let query = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).bind(digest.as_bytes().to_vec());
                query.execute(&mut **transaction).await?;
            }
        }
        Need::Form { identity, form } => {
            // Of content that nobody needs all forms are forgotten, so that who needs it again does not find some of them.
            let needed = kept.roots().map(|root| format!("EXISTS ({root} = $1)")).collect::<Vec<_>>().join(" OR ");
            let forget = format!("DELETE FROM variants WHERE sha256 = $1 AND (variant_sha256 = $2 OR NOT ({needed}))");
            sqlx::query(sqlx::AssertSqlSafe(forget))
                .bind(identity.as_bytes().to_vec())
                .bind(form.as_bytes().to_vec())
                .execute(&mut **transaction)
                .await?;
        }
        Need::Document { .. } | Need::Record { .. } | Need::Tag(_) | Need::Upload(_) | Need::Foreign(_) => {}
    }
    sqlx::query("DELETE FROM damage WHERE store_key = $1").bind(key.to_string()).execute(&mut **transaction).await?;
    Ok(())
}

fn content(key: &StoreKey) -> Option<Digest> {
    match key.subject() {
        Subject::Content(digest) => Some(digest),
        Subject::Tag(_) | Subject::Upload(_) => None,
    }
}

fn release(key: &StoreKey) -> Option<(Tag, u64)> {
    match key.need() {
        Need::Document { tag, release, .. } => Some((tag, release)),
        Need::Content(_)
        | Need::Form { .. }
        | Need::Record { .. }
        | Need::Tag(_)
        | Need::Upload(_)
        | Need::Foreign(_) => None,
    }
}
