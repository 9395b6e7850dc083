//! Points at which a test can end an upload, by an error or with the process, to prove that it survives it.

/// A point between two steps of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UploadFaultPoint {
    /// The store is prepared, nothing is recorded.
    Staged,
    /// The upload is recorded, the client does not know yet.
    Created,
    /// An append holds the upload, nothing of it was read.
    Held,
    /// A part is in the store, nothing says so yet.
    PartStored,
    /// A tail is in the store, nothing says so yet.
    TailStored,
    /// What is durable is recorded, the client does not know yet.
    Recorded,
    /// All bytes are right, the blob is not visible yet.
    Verified,
    /// The blob is visible, nothing says so yet.
    BlobStored,
    /// The upload is recorded as finished, the client does not know yet.
    Finished,
    /// The bytes of an upload are removed, it is still recorded.
    Removed,
}

impl UploadFaultPoint {
    /// Every point, in the order in which an upload reaches them.
    pub const ALL: &[Self] = &[
        Self::Staged,
        Self::Created,
        Self::Held,
        Self::PartStored,
        Self::TailStored,
        Self::Recorded,
        Self::Verified,
        Self::BlobStored,
        Self::Finished,
        Self::Removed,
    ];

    /// The name, as in `STOWAWAY_FAULT_AT`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staged => "upload-staged",
            Self::Created => "upload-created",
            Self::Held => "upload-held",
            Self::PartStored => "upload-part-stored",
            Self::TailStored => "upload-tail-stored",
            Self::Recorded => "upload-recorded",
            Self::Verified => "upload-verified",
            Self::BlobStored => "upload-blob-stored",
            Self::Finished => "upload-finished",
            Self::Removed => "upload-removed",
        }
    }
}

/// Decides at every point whether the upload goes on. It may also end the process.
pub trait UploadFaultHook: Send + Sync {
    /// The upload has come to `point`; `Err` ends it there.
    ///
    /// # Errors
    /// When the upload shall fail here.
    fn reached(&self, point: UploadFaultPoint) -> Result<(), UploadFaultPoint>;
}

/// Lets everything pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoUploadFaults;

impl UploadFaultHook for NoUploadFaults {
    fn reached(&self, _: UploadFaultPoint) -> Result<(), UploadFaultPoint> {
        Ok(())
    }
}
