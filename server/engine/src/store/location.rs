//! From a storage URL to a backend.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::multipart::MultipartStore;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreScheme};
use url::Url;

use super::vendors::{self, StoreSigner};
use super::{StoreError, StoreOptions};

/// A backend and where in it the objects lie.
pub(super) struct Location {
    pub(super) backend: Arc<dyn ObjectStore>,
    /// Where the backend takes the parts of an object in requests of their own.
    pub(super) multipart: Option<Arc<dyn MultipartStore>>,
    pub(super) prefix: ObjectPath,
    pub(super) folder: Option<PathBuf>,
    pub(super) is_remote: bool,
    pub(super) signer: Option<StoreSigner>,
}

pub(super) fn open(url: &str, options: &StoreOptions) -> Result<Location, StoreError> {
    if let Some(folder) = folder_of(url)? {
        return open_folder(url, &folder);
    }
    let refuse = |reason: String| StoreError::Url { url: url.to_owned(), reason };
    let parsed = Url::parse(url).map_err(|error| refuse(format!("is not a URL ({error})")))?;
    let (scheme, prefix) =
        ObjectStoreScheme::parse(&parsed).map_err(|_| refuse("names no store that is known here".to_owned()))?;
    let is_remote = !matches!(scheme, ObjectStoreScheme::Memory);
    let opened = match scheme {
        ObjectStoreScheme::Memory => Ok(vendors::unsigned(InMemory::new())),
        ObjectStoreScheme::AmazonS3 => vendors::open_s3(&parsed, options),
        ObjectStoreScheme::GoogleCloudStorage => vendors::open_google(&parsed, options),
        ObjectStoreScheme::MicrosoftAzure => vendors::open_azure(&parsed, options),
        _ => return Err(refuse("names no store that can be written".to_owned())),
    };
    let opened: object_store::Result<vendors::Client> = opened;
    let (backend, multipart, signer) =
        opened.map_err(|source| StoreError::Open { url: url.to_owned(), source: Box::new(source) })?;
    Ok(Location { backend, multipart: Some(multipart), prefix, folder: None, is_remote, signer })
}

/// The folder of a `file:` URL; `file:relative` and `file:./relative` are taken from the working directory.
pub(super) fn folder_of(url: &str) -> Result<Option<PathBuf>, StoreError> {
    let Some(rest) = url.strip_prefix("file:") else { return Ok(None) };
    if !rest.starts_with('/') && !rest.is_empty() {
        return Ok(Some(PathBuf::from(rest)));
    }
    let refuse = || StoreError::Url { url: url.to_owned(), reason: "names no folder of this machine".to_owned() };
    let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(refuse)?;
    Ok(Some(path))
}

fn open_folder(url: &str, folder: &Path) -> Result<Location, StoreError> {
    let failed = |source| StoreError::Open { url: url.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|source| failed(Box::new(source)))?;
    let folder = folder.canonicalize().map_err(|source| failed(Box::new(source)))?;
    let backend = LocalFileSystem::new_with_prefix(&folder).map_err(|source| failed(Box::new(source)))?;
    let backend = Arc::new(backend.with_fsync(true));
    let prefix = ObjectPath::default();
    Ok(Location { backend, multipart: None, prefix, folder: Some(folder), is_remote: false, signer: None })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use object_store::ObjectStoreExt as _;
    use object_store::aws::AmazonS3Builder;

    use super::vendors::{client_options, retry_config};
    use super::*;

    const SIZE: usize = 8;

    /// Answers one request with [`SIZE`] bytes, `pause` before each of the first `sent`, and then nothing more.
    fn drip(mut connection: TcpStream, pause: Duration, sent: usize) {
        // All that is asked here has a short head, which arrives at once.
        let _ = connection.read(&mut [0; 4096]).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\netag: \"x\"\r\n\
             last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        for _ in 0..sent {
            std::thread::sleep(pause);
            connection.write_all(b"x").unwrap();
        }
        // Until the client leaves.
        let _ = connection.read(&mut [0; 1]);
    }

    async fn read_from_a_bucket(pause: Duration, sent: usize) -> object_store::Result<usize> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // It ends when the client leaves, which it does after this function.
        std::thread::spawn(move || drip(listener.accept().unwrap().0, pause, sent));
        let options = StoreOptions { request_timeout: Duration::from_secs(2), retries: 0, ..StoreOptions::default() };
        let store = AmazonS3Builder::new()
            .with_endpoint(format!("http://{address}"))
            .with_bucket_name("bucket")
            .with_skip_signature(true)
            .with_client_options(client_options(&options))
            .with_retry(retry_config(&options))
            .build()?;
        Ok(store.get(&ObjectPath::from("key")).await?.bytes().await?.len())
    }

    #[tokio::test]
    async fn a_blob_may_take_longer_than_one_request_timeout() {
        // Three seconds in all, and never two of them without a byte.
        let read = read_from_a_bucket(Duration::from_millis(375), SIZE).await;
        assert_eq!(read.unwrap(), SIZE);
    }

    #[tokio::test]
    async fn a_store_that_falls_silent_is_given_up() {
        assert!(read_from_a_bucket(Duration::from_millis(10), SIZE - 1).await.is_err());
    }
}
