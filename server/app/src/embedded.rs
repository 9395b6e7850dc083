//! What is compiled in: the built client and the samples, so that the binary needs nothing beside itself.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use bytes::Bytes;
use rust_embed::{Embed, EmbeddedFile};
use stowaway_domain::Digest;

/// `client-sw/dist`, as `npm run build` left it. Empty when the client was not built.
#[derive(Embed)]
#[folder = "../../client-sw/dist"]
#[allow_missing = true]
struct ClientFiles;

#[derive(Embed)]
#[folder = "samples/course"]
#[allow_missing = true]
struct CourseFiles;

#[derive(Embed)]
#[folder = "samples/podcast"]
#[allow_missing = true]
struct PodcastFiles;

/// A file of the built client.
pub(crate) struct ClientFile {
    /// Where it lies in the built client.
    pub(crate) path: Cow<'static, str>,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Their SHA-256.
    pub(crate) digest: Digest,
    /// By its extension.
    pub(crate) media_type: &'static str,
}

/// Every file of the built client; none when the binary was built before it.
pub(crate) fn client_files() -> impl Iterator<Item = ClientFile> {
    ClientFiles::iter().filter_map(|path| {
        let file = ClientFiles::get(&path)?;
        let bytes = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        let digest = Digest::from_bytes(file.metadata.sha256_hash());
        Some(ClientFile { media_type: media_type(&path), path, bytes, digest })
    })
}

/// Was the client built when the binary was?
pub(crate) fn has_client() -> bool {
    ClientFiles::get("index.html").is_some()
}

/// A folder that `stowaway demo` publishes.
pub(crate) struct Sample {
    /// The tag it is published under.
    pub(crate) tag: &'static str,
    names: fn() -> Vec<Cow<'static, str>>,
    get: fn(&str) -> Option<EmbeddedFile>,
}

/// The samples.
pub(crate) const SAMPLES: [Sample; 2] = [
    Sample { tag: "field-recording", names: || CourseFiles::iter().collect(), get: CourseFiles::get },
    Sample { tag: "signal-lost", names: || PodcastFiles::iter().collect(), get: PodcastFiles::get },
];

impl Sample {
    /// Writes the sample's files below `folder`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn unpack(&self, folder: &Path) -> io::Result<()> {
        for name in (self.names)() {
            let path = folder.join(name.as_ref());
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            if let Some(file) = (self.get)(&name) {
                std::fs::write(path, file.data)?;
            }
        }
        Ok(())
    }
}

/// Media types of what esbuild and the demo app consist of.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
