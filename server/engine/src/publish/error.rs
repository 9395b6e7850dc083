//! Why a folder was not published: what is at fault, and what to do about it.

use std::path::PathBuf;

use stowaway_domain::asset_path::AssetPathError;
use stowaway_domain::layout::LayoutError;
use stowaway_domain::media_type::MediaTypeError;
use stowaway_domain::tag_metadata::TagMetadataError;
use stowaway_domain::{AssetPath, Digest, Tag};

use crate::claims::ClaimError;
use crate::db::DbError;
use crate::records::RecordError;
use crate::store::StoreError;

/// A publish that made no release. Whatever it stored is not visible to readers. `Display` names the file and the remedy;
/// the cause is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is no such folder.
    #[error("there is no folder {}: give the folder to publish", path.display())]
    NoFolder {
        /// As given.
        path: PathBuf,
    },
    /// It is a file.
    #[error("{} is not a folder: give the folder that it lies in", path.display())]
    NotAFolder {
        /// As given.
        path: PathBuf,
    },
    /// Nothing in it, or nothing but what is left out.
    #[error("{} has no files to publish: put audio or video files into it", path.display())]
    Empty {
        /// As given.
        path: PathBuf,
    },
    /// A name that is not text.
    #[error("the name of {} is not UTF-8: rename it", path.display())]
    NameNotText {
        /// With replacement characters.
        path: PathBuf,
    },
    /// A name that no path of a release may have.
    #[error(transparent)]
    Name(#[from] AssetPathError),
    /// A link that leads out of the folder.
    #[error("{path} is a link to {}, outside of the folder: put a copy of the file there, or take the link out", target.display())]
    LinkOutside {
        /// In the folder.
        path: AssetPath,
        /// Where it leads.
        target: PathBuf,
    },
    /// A link to a folder.
    #[error("{path} is a link to a folder: only links to files are followed; put a copy of the folder there")]
    LinkToFolder {
        /// In the folder.
        path: AssetPath,
    },
    /// A link that leads nowhere.
    #[error("{path} is a link to something that is not there: take it out, or mend it")]
    LinkBroken {
        /// In the folder.
        path: AssetPath,
    },
    /// A device, socket or pipe.
    #[error("{path} is neither a file nor a folder: take it out of the folder")]
    Special {
        /// In the folder.
        path: AssetPath,
    },
    /// A `tag.toml` that cannot be understood.
    #[error(transparent)]
    Metadata(#[from] TagMetadataError),
    /// A `tag.toml` that is no text, or too long to be one.
    #[error("tag.toml {reason}: write it as a short text in UTF-8")]
    MetadataNotText {
        /// What is wrong with it, after "tag.toml …".
        reason: &'static str,
    },
    /// A release that nobody could play from storage.
    #[error("tag.toml says that it expires at {expires}, which has passed: write a later moment, or take the line out")]
    Expired {
        /// As `tag.toml` says it, in UTC.
        expires: jiff::Timestamp,
    },
    /// A file that is not what its name says.
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    /// Media that cannot be understood.
    #[error("{path} cannot be played: {reason}; replace it or take it out")]
    Media {
        /// In the folder.
        path: AssetPath,
        /// What its parser says.
        reason: String,
    },
    /// A folder that breaks the rules.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The operating system refuses a file or folder.
    #[error("{} cannot be read: check that it is there and that you may read it", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file that was written to meanwhile.
    #[error("{path} changed while it was published: wait until nothing writes to the folder, then publish again")]
    Changed {
        /// In the folder.
        path: AssetPath,
    },
    /// A file of a list whose bytes the store has not.
    #[error("the store has no blob {} with the size of {path}: upload it, then publish again", digest.hex())]
    NotStored {
        /// In the list.
        path: AssetPath,
        /// Of its bytes.
        digest: Digest,
    },
    /// A blob of the store that is not what its name says.
    #[error("the stored blob {} of {path} is damaged: the object has to be restored or removed", digest.hex())]
    StoredDamaged {
        /// In the list.
        path: AssetPath,
        /// Of its bytes.
        digest: Digest,
    },
    /// Others publish to the same tag faster than this publish can finish.
    #[error("other publishes to {tag} finished first, {attempts} times: publish again when they are done")]
    Overtaken {
        /// The tag.
        tag: Tag,
        /// How often it was tried.
        attempts: u32,
    },
    /// More than the tag may have.
    #[error(
        "{tag} may have {quota_bytes} bytes and has {stored_bytes}: the {added_bytes} bytes of new files do not fit; nothing was published. Take files out, let old releases go (stowaway limits, stowaway gc), or raise the quota"
    )]
    OverQuota {
        /// The tag.
        tag: Tag,
        /// What it may have.
        quota_bytes: u64,
        /// What it has.
        stored_bytes: u64,
        /// What the publish would add.
        added_bytes: u64,
    },
    /// The publish stood still for so long that what it relied on may be gone.
    #[error(transparent)]
    Claim(ClaimError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The release is there, and the database could not be made again from the store alone.
    #[error("release {release} is published, but the store has no record of it yet: publish again, which writes it")]
    Unrecorded {
        /// The release.
        release: u64,
        /// Why.
        #[source]
        source: RecordError,
    },
    /// A worker of this program failed.
    #[error("publishing failed inside this program: please report it")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault hook stopped it; only tests set one.
    #[error("stopped at the fault point {0}")]
    Fault(super::FaultPoint),
}

impl From<ClaimError> for PublishError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Database(error) => Self::Database(error),
            ClaimError::Store(error) => Self::Store(error),
            error @ ClaimError::Forgotten => Self::Claim(error),
        }
    }
}

impl PublishError {
    /// Whether the folder or its content is at fault, and not the machine, the store or the database.
    #[must_use]
    pub const fn is_misuse(&self) -> bool {
        match self {
            Self::NoFolder { .. }
            | Self::NotAFolder { .. }
            | Self::Empty { .. }
            | Self::NameNotText { .. }
            | Self::Name(_)
            | Self::LinkOutside { .. }
            | Self::LinkToFolder { .. }
            | Self::LinkBroken { .. }
            | Self::Special { .. }
            | Self::Metadata(_)
            | Self::MetadataNotText { .. }
            | Self::Expired { .. }
            | Self::MediaType(_)
            | Self::Media { .. }
            | Self::Layout(_) => true,
            Self::Unreadable { .. }
            | Self::Changed { .. }
            | Self::NotStored { .. }
            | Self::StoredDamaged { .. }
            | Self::Overtaken { .. }
            | Self::OverQuota { .. }
            | Self::Claim(_)
            | Self::Store(_)
            | Self::Database(_)
            | Self::Unrecorded { .. }
            | Self::Internal(_)
            | Self::Fault(_) => false,
        }
    }
}
