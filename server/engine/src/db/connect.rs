//! Opening the database: address, pool, settings of each connection, migrations.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, Connection as _};
use url::Url;

use super::address::Address;
use super::{Database, DbError, Dialect, migrate};

/// Bounds on connections and patience.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// Most connections at once.
    pub connections: u32,
    /// How long a query may wait for a connection, and a new connection for the server.
    pub acquire_timeout: Duration,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self { connections: 8, acquire_timeout: Duration::from_secs(10) }
    }
}

impl Database {
    /// Opens the database at `url` (`sqlite:folder/file.db` or `postgres://user@host/name`) and brings its tables up to date.
    /// A SQLite file and its folder are created.
    ///
    /// # Errors
    /// An address that names no database, one that cannot be reached, or one that a newer program has changed.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        Self::open_with(url, &DatabaseOptions::default()).await
    }

    /// As [`Self::open`], with bounds.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(url: &str, options: &DatabaseOptions) -> Result<Self, DbError> {
        let shown = without_password(url);
        let dialect = Dialect::of(url).ok_or_else(|| DbError::Url { url: shown.clone() })?;
        let failed = |source| DbError::Open { url: shown.clone(), source };
        let (address, is_in_memory) = match dialect {
            Dialect::Sqlite => sqlite_address(url).map_err(failed)?,
            Dialect::Postgres => (url.to_owned(), false),
        };
        sqlx::any::install_default_drivers();
        if !is_in_memory {
            try_once(dialect, options, &address).await.map_err(failed)?;
        }
        let pool = pool_options(dialect, options, is_in_memory)
            .connect(&address)
            .await
            .map_err(|source| failed(Box::new(source)))?;
        migrate::run(&pool, dialect, &shown).await?;
        Ok(Self { pool, dialect, address: Address::new(&address), is_in_memory, shown_url: shown.into() })
    }

    /// The `sqlite:` address of a file.
    ///
    /// # Errors
    /// The working directory is gone, so that a relative path means nothing.
    pub fn sqlite_url(file: &Path) -> std::io::Result<String> {
        let file = std::path::absolute(file)?;
        let url = Url::from_file_path(&file).map_err(|()| std::io::Error::other("not an absolute path"))?;
        Ok(format!("sqlite://{}", url.path()))
    }

    /// The file of a SQLite address that is not there yet, so that who only reads need not make it.
    #[must_use]
    pub fn missing_file(url: &str) -> Option<PathBuf> {
        let is_file = Dialect::of(url) == Some(Dialect::Sqlite) && !is_in_memory(url);
        let options = SqliteConnectOptions::from_str(url).ok().filter(|_| is_file)?;
        let file = options.get_filename();
        (!file.exists()).then(|| file.to_owned())
    }

    /// Its address, for messages and logs: without password.
    #[must_use]
    pub fn shown_url(&self) -> &str {
        &self.shown_url
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop).map_err(DbError::query("answer"))
    }

    /// Closes every connection, waiting for queries that run.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) const fn pool(&self) -> &AnyPool {
        &self.pool
    }
}

/// Connects once without the pool, which would try again and again until its patience ends and then only tell that it ended.
async fn try_once(
    dialect: Dialect,
    options: &DatabaseOptions,
    address: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let attempt = async {
        let mut connection = AnyConnection::connect(address).await?;
        set_up(&mut connection, dialect).await?;
        connection.close().await
    };
    Ok(tokio::time::timeout(options.acquire_timeout, attempt).await.map_err(std::io::Error::from)??)
}

async fn set_up(connection: &mut AnyConnection, dialect: Dialect) -> sqlx::Result<()> {
    for setting in dialect.session_settings() {
        sqlx::query(*setting).execute(&mut *connection).await?;
    }
    Ok(())
}

/// A database in memory lives as long as its one connection.
fn pool_options(dialect: Dialect, options: &DatabaseOptions, in_memory: bool) -> AnyPoolOptions {
    let pool = AnyPoolOptions::new()
        .acquire_timeout(options.acquire_timeout)
        .after_connect(move |connection, _| Box::pin(set_up(connection, dialect)));
    if in_memory {
        pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None)
    } else {
        pool.max_connections(options.connections.max(1)).after_release(|connection, _| Box::pin(may_stay(connection)))
    }
}

/// Whether a connection can be used again. SQLite ends a transaction by itself when its disk is full; the driver does not hear of that, and
/// would begin no other one on this connection.
async fn may_stay(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // A rollback that is on its way comes before the answer.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// The address with `mode=rwc` unless it says otherwise, and whether it is in memory. Makes the folder of the file.
fn sqlite_address(url: &str) -> Result<(String, bool), Box<dyn std::error::Error + Send + Sync>> {
    if is_in_memory(url) {
        return Ok((url.to_owned(), true));
    }
    let options = SqliteConnectOptions::from_str(url)?;
    if let Some(folder) = options.get_filename().parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let address = match url.split_once('?') {
        None => format!("{url}?mode=rwc"),
        Some((_, parameters)) if parameters.contains("mode=") => url.to_owned(),
        Some(_) => format!("{url}&mode=rwc"),
    };
    Ok((address, false))
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// For messages and logs.
fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Fails only for addresses that cannot hold a password, which this one does.
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
