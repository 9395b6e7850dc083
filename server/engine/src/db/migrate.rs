//! Bringing the tables up to date. Migrations only ever add; a database newer than the program is refused.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, SqlSafeStr as _};

use super::{DbError, Dialect};

struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// In order; the numbers and names are those of the files.
const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "foundation",
        sqlite: include_str!("../../../../migrations/sqlite/0001_foundation.sql"),
        postgres: include_str!("../../../../migrations/postgres/0001_foundation.sql"),
    },
    Step {
        version: 2,
        name: "variants",
        sqlite: include_str!("../../../../migrations/sqlite/0002_variants.sql"),
        postgres: include_str!("../../../../migrations/postgres/0002_variants.sql"),
    },
    Step {
        version: 3,
        name: "chunks",
        sqlite: include_str!("../../../../migrations/sqlite/0003_chunks.sql"),
        postgres: include_str!("../../../../migrations/postgres/0003_chunks.sql"),
    },
    Step {
        version: 4,
        name: "adopted",
        sqlite: include_str!("../../../../migrations/sqlite/0004_adopted.sql"),
        postgres: include_str!("../../../../migrations/postgres/0004_adopted.sql"),
    },
    Step {
        version: 5,
        name: "changes",
        sqlite: include_str!("../../../../migrations/sqlite/0005_changes.sql"),
        postgres: include_str!("../../../../migrations/postgres/0005_changes.sql"),
    },
    Step {
        version: 6,
        name: "tokens",
        sqlite: include_str!("../../../../migrations/sqlite/0006_tokens.sql"),
        postgres: include_str!("../../../../migrations/postgres/0006_tokens.sql"),
    },
    Step {
        version: 7,
        name: "uploads",
        sqlite: include_str!("../../../../migrations/sqlite/0007_uploads.sql"),
        postgres: include_str!("../../../../migrations/postgres/0007_uploads.sql"),
    },
    Step {
        version: 8,
        name: "jobs",
        sqlite: include_str!("../../../../migrations/sqlite/0008_jobs.sql"),
        postgres: include_str!("../../../../migrations/postgres/0008_jobs.sql"),
    },
];

/// The number of the newest migration.
pub(super) fn newest() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

pub(super) async fn run(pool: &AnyPool, dialect: Dialect, shown_url: &str) -> Result<(), DbError> {
    let migrator = migrator(dialect);
    let outcome = match dialect {
        // The migrator takes no lock on SQLite, so two programs that start at once would both create the tables.
        Dialect::Sqlite => run_locked(&migrator, pool, dialect).await,
        Dialect::Postgres => migrator.run(pool).await,
    };
    outcome.map_err(|error| match error {
        MigrateError::VersionMissing(found) | MigrateError::VersionNotPresent(found) => {
            DbError::Newer { url: shown_url.to_owned(), found, known: newest() }
        }
        error => DbError::Migrate { url: shown_url.to_owned(), source: Box::new(error) },
    })
}

async fn run_locked(migrator: &Migrator, pool: &AnyPool, dialect: Dialect) -> Result<(), MigrateError> {
    let mut transaction = pool.begin_with(dialect.begin_writing()).await?;
    migrator.run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await?)
}

fn migrator(dialect: Dialect) -> Migrator {
    let migrations = STEPS.iter().map(|step| {
        let sql = match dialect {
            Dialect::Sqlite => step.sqlite,
            Dialect::Postgres => step.postgres,
        };
        Migration::new(step.version, step.name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}
