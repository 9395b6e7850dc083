//! What a publish is made of: a folder that was listed, or a list of blobs that the store has already.

use stowaway_domain::file_list::{FileList, ListedFile};
use stowaway_domain::tag_metadata::TagMetadata;

use super::PublishError;
use super::scan::{ScannedFile, ScannedFolder};

/// Where the files of a release come from.
#[derive(Debug)]
pub(super) enum Source {
    /// A folder of this machine.
    Folder(ScannedFolder),
    /// Blobs of the store, and what `tag.toml` would say.
    Stored { files: FileList, metadata: TagMetadata },
}

/// One of the files.
#[derive(Debug, Clone)]
pub(super) enum SourceFile<'a> {
    /// In the folder.
    Scanned(&'a ScannedFile),
    /// In the store.
    Stored(&'a ListedFile),
}

impl Source {
    /// What is known beyond the files.
    pub(super) const fn metadata(&self) -> &TagMetadata {
        match self {
            Self::Folder(folder) => &folder.metadata,
            Self::Stored { metadata, .. } => metadata,
        }
    }

    /// The files, in order.
    pub(super) fn files(&self) -> Vec<SourceFile<'_>> {
        match self {
            Self::Folder(folder) => folder.files.iter().map(SourceFile::Scanned).collect(),
            Self::Stored { files, .. } => files.files().iter().map(SourceFile::Stored).collect(),
        }
    }

    /// The same again, when it is still what it was: a folder may have changed, what is stored cannot.
    #[tracing::instrument(skip_all)]
    pub(super) async fn settled(self) -> Result<Self, PublishError> {
        let Self::Folder(folder) = self else { return Ok(self) };
        let look = tokio::task::spawn_blocking(move || folder.expect_settled().map(|()| folder));
        let folder = look.await.map_err(|source| PublishError::Internal(Box::new(source)))??;
        Ok(Self::Folder(folder))
    }
}

impl SourceFile<'_> {
    pub(super) const fn size(&self) -> u64 {
        match self {
            Self::Scanned(file) => file.stamp.size(),
            Self::Stored(file) => file.size,
        }
    }
}
