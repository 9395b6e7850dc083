//! Points at which a test can end a publish, by an error or with the process, to prove that it survives it.

use std::fmt;
use std::str::FromStr;

macro_rules! fault_points {
    (publish { $($(#[doc = $doc:literal])* $variant:ident = $name:literal,)* }
     adopt { $($(#[doc = $adopt_doc:literal])* $adopt_variant:ident = $adopt_name:literal,)* }) => {
        /// A point between two steps of a publish or of an adoption.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultPoint {
            $($(#[doc = $doc])* $variant,)*
            $($(#[doc = $adopt_doc])* $adopt_variant,)*
        }

        impl FaultPoint {
            /// Every point of a publish, in the order in which it reaches them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The points of an object that is adopted, in the order in which they are reached. An adoption passes those of a publish, too,
            /// but for the two of a blob that is uploaded.
            pub const OF_OBJECTS: &[Self] = &[$(Self::$adopt_variant,)*];

            /// The name, as in `STOWAWAY_FAULT_AT`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    $(Self::$adopt_variant => $adopt_name,)*
                }
            }
        }
    };
}

fault_points! {
    publish {
        /// The folder, or the objects, were listed.
        Scanned = "scanned",
        /// Every file was read, or known.
        Described = "described",
        /// Nothing that the publish relies on is removed from here on.
        Claimed = "claimed",
        /// The release was planned.
        Planned = "planned",
        /// A part of a blob has arrived, the blob is not yet visible.
        Uploading = "uploading",
        /// A blob is stored, its piece index not yet.
        BlobStored = "blob-stored",
        /// Every blob and piece index is stored.
        BlobsStored = "blobs-stored",
        /// A coded form of a document is stored, nothing says so yet.
        VariantStored = "variant-stored",
        /// Coded forms of documents are recorded that no release names yet.
        VariantsRecorded = "variants-recorded",
        /// The release piece index is stored, the chunk index not yet.
        PiecesStored = "pieces-stored",
        /// The chunk index is stored, the manifest not yet.
        ChunksStored = "chunks-stored",
        /// The manifest is stored, the transaction has not begun.
        ManifestStored = "manifest-stored",
        /// The transaction has written everything and is not committed.
        Committing = "committing",
        /// The transaction is committed, the caller does not know yet.
        Committed = "committed",
    }
    adopt {
        /// The bytes of an object lie in the scratch folder, nothing of it is known.
        ObjectCopied = "object-copied",
        /// The piece index of an object is stored, nothing says so yet.
        ObjectIndexed = "object-indexed",
        /// An object was read and everything made of it is stored, but that is not noted.
        ObjectRead = "object-read",
        /// What an object is has been noted: it is not read again.
        ObjectNoted = "object-noted",
    }
}

impl fmt::Display for FaultPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// No fault point has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault point")]
pub struct UnknownFaultPoint(String);

impl FromStr for FaultPoint {
    type Err = UnknownFaultPoint;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().chain(Self::OF_OBJECTS).find(|point| point.name() == name);
        found.copied().ok_or_else(|| UnknownFaultPoint(name.to_owned()))
    }
}

/// Decides at every point whether the publish goes on. It may also end the process.
pub trait FaultHook: Send + Sync {
    /// The publish has come to `point`; `Err` ends it there.
    ///
    /// # Errors
    /// When the publish shall fail here.
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint>;
}

/// Lets everything pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl FaultHook for NoFaults {
    fn reached(&self, _: FaultPoint) -> Result<(), FaultPoint> {
        Ok(())
    }
}
