//! Every problem the server can answer with: code, status and title. Codes are public and never change their meaning.

/// The stable name of a kind of problem; the end of its `type` URN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// No such page or address.
    AddressNotFound,
    /// No tag of that name has a release.
    TagNotFound,
    /// The tag has no such release.
    ReleaseNotFound,
    /// The release has no such selection.
    SelectionNotFound,
    /// The release has no asset at that path.
    AssetNotFound,
    /// No release names that blob, or not by that name.
    BlobNotFound,
    /// The blob has no such piece.
    PieceNotFound,
    /// A query key or value that the address does not have.
    BadQuery,
    /// A query key that this address does not take.
    QueryNotAllowed,
    /// Headers that cannot be read.
    BadRequest,
    /// A body that cannot be read, or with values outside their bounds.
    BadBody,
    /// A body in a form that the address does not take.
    UnsupportedMediaType,
    /// A body that is larger than the address takes.
    BodyTooLarge,
    /// A body that took too long to come.
    BodyTimeout,
    /// No token, where one is needed.
    TokenMissing,
    /// A token that was never made.
    TokenUnknown,
    /// A token that was good until a while ago.
    TokenExpired,
    /// A token that was taken back.
    TokenRevoked,
    /// A token that may do other things.
    ScopeMissing,
    /// Too many requests with a token, or wrong tokens from an address.
    RateLimited,
    /// There is no token of that id.
    TokenNotFound,
    /// There is no job of that id.
    JobNotFound,
    /// Another job of the kind runs.
    JobRunning,
    /// A tag that was published and is not offered any more.
    TagUnpublished,
    /// There is no such upload of this token.
    UploadNotFound,
    /// An upload that nobody went on with in time.
    UploadExpired,
    /// More bytes than an upload may have.
    UploadTooLarge,
    /// More bytes than were announced.
    UploadPastEnd,
    /// Bytes for another place than the end.
    UploadOffsetConflict,
    /// Two appends at once.
    UploadLocked,
    /// More unfinished uploads than a token may have.
    TooManyUploads,
    /// An append that is not what its checksum says.
    UploadChecksumMismatch,
    /// An upload that is not what was announced.
    UploadDigestMismatch,
    /// Bytes that stopped coming.
    UploadInterrupted,
    /// Another version of tus.
    TusVersionUnsupported,
    /// Files that break a rule of releases.
    PublicationRefused,
    /// Another publish of the tag, again and again.
    PublicationOvertaken,
    /// No room left.
    StorageFull,
    /// The tag let the release go.
    ReleaseRetired,
    /// No release needs the blob any more.
    BlobRemoved,
    /// Neither GET, HEAD nor OPTIONS.
    MethodNotAllowed,
    /// The document exists in no coding that the client accepts.
    NotAcceptable,
    /// If-Match or If-Unmodified-Since does not hold.
    PreconditionFailed,
    /// The range holds no byte that exists.
    RangeNotSatisfiable,
    /// Something broke that nobody foresaw.
    Internal,
    /// Stored bytes are not what their digest says.
    StoredBytesDamaged,
    /// An object that was adopted is not what it was.
    ObjectChanged,
    /// The database cannot be reached.
    DatabaseUnavailable,
    /// The object store cannot be reached.
    StoreUnavailable,
    /// More requests than the server takes on.
    Overloaded,
    /// Starting or stopping.
    NotReady,
}

impl ProblemCode {
    /// Every code, in the order of the reference.
    pub const ALL: [Self; 51] = [
        Self::AddressNotFound,
        Self::TagNotFound,
        Self::ReleaseNotFound,
        Self::SelectionNotFound,
        Self::AssetNotFound,
        Self::BlobNotFound,
        Self::PieceNotFound,
        Self::BadQuery,
        Self::QueryNotAllowed,
        Self::BadRequest,
        Self::BadBody,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::TokenMissing,
        Self::TokenUnknown,
        Self::TokenExpired,
        Self::TokenRevoked,
        Self::ScopeMissing,
        Self::RateLimited,
        Self::TokenNotFound,
        Self::JobNotFound,
        Self::JobRunning,
        Self::TagUnpublished,
        Self::UploadNotFound,
        Self::UploadExpired,
        Self::UploadTooLarge,
        Self::UploadPastEnd,
        Self::UploadOffsetConflict,
        Self::UploadLocked,
        Self::TooManyUploads,
        Self::UploadChecksumMismatch,
        Self::UploadDigestMismatch,
        Self::UploadInterrupted,
        Self::TusVersionUnsupported,
        Self::PublicationRefused,
        Self::PublicationOvertaken,
        Self::StorageFull,
        Self::ReleaseRetired,
        Self::BlobRemoved,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::PreconditionFailed,
        Self::RangeNotSatisfiable,
        Self::Internal,
        Self::StoredBytesDamaged,
        Self::ObjectChanged,
        Self::DatabaseUnavailable,
        Self::StoreUnavailable,
        Self::Overloaded,
        Self::NotReady,
    ];

    /// Code, status and title: the whole table.
    const fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::AddressNotFound => ("address-not-found", 404, "There is nothing at this address"),
            Self::TagNotFound => ("tag-not-found", 404, "There is no such tag"),
            Self::ReleaseNotFound => ("release-not-found", 404, "The tag has no such release"),
            Self::SelectionNotFound => ("selection-not-found", 404, "The release has no such selection"),
            Self::AssetNotFound => ("asset-not-found", 404, "The release has no such asset"),
            Self::BlobNotFound => ("blob-not-found", 404, "There is no such blob under this name"),
            Self::PieceNotFound => ("piece-not-found", 404, "The blob has no such piece"),
            Self::BadQuery => ("bad-query", 400, "The query is not understood"),
            Self::QueryNotAllowed => ("query-not-allowed", 400, "This address does not take such a query"),
            Self::BadRequest => ("bad-request", 400, "The request is not understood"),
            Self::BadBody => ("bad-body", 400, "The body of the request is not understood"),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "The address does not take such a body"),
            Self::BodyTooLarge => ("body-too-large", 413, "The body of the request is too large"),
            Self::BodyTimeout => ("body-timeout", 408, "The body of the request took too long"),
            Self::TokenMissing => ("token-missing", 401, "A token is needed"),
            Self::TokenUnknown => ("token-unknown", 401, "The token is not known"),
            Self::TokenExpired => ("token-expired", 401, "The token has expired"),
            Self::TokenRevoked => ("token-revoked", 401, "The token was revoked"),
            Self::ScopeMissing => ("scope-missing", 403, "The token may not do this"),
            Self::RateLimited => ("rate-limited", 429, "Too many requests"),
            Self::TokenNotFound => ("token-not-found", 404, "There is no such token"),
            Self::JobNotFound => ("job-not-found", 404, "There is no such job"),
            Self::JobRunning => ("job-running", 409, "A job of this kind runs already"),
            Self::TagUnpublished => ("tag-unpublished", 410, "The tag is not offered any more"),
            Self::UploadNotFound => ("upload-not-found", 404, "There is no such upload"),
            Self::UploadExpired => ("upload-expired", 410, "The upload has expired"),
            Self::UploadTooLarge => ("upload-too-large", 413, "The upload is too large"),
            Self::UploadPastEnd => ("upload-past-end", 413, "The append goes past the end of the upload"),
            Self::UploadOffsetConflict => ("upload-offset-conflict", 409, "The upload is at another offset"),
            Self::UploadLocked => ("upload-locked", 423, "Somebody appends to the upload"),
            Self::TooManyUploads => ("too-many-uploads", 429, "Too many unfinished uploads"),
            Self::UploadChecksumMismatch => {
                ("upload-checksum-mismatch", 460, "The bytes are not those of the checksum")
            }
            Self::UploadDigestMismatch => ("upload-digest-mismatch", 422, "The bytes are not those of the digest"),
            Self::UploadInterrupted => ("upload-interrupted", 408, "The append was cut off"),
            Self::TusVersionUnsupported => ("tus-version-unsupported", 412, "That version of tus is not spoken"),
            Self::PublicationRefused => ("publication-refused", 422, "These files are no release"),
            Self::PublicationOvertaken => ("publication-overtaken", 409, "Other publishes finished first"),
            Self::StorageFull => ("storage-full", 507, "The storage is full"),
            Self::ReleaseRetired => ("release-retired", 410, "The tag has let the release go"),
            Self::BlobRemoved => ("blob-removed", 410, "No release needs the blob any more"),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "The address does not take this method"),
            Self::NotAcceptable => ("not-acceptable", 406, "The document exists in no coding that is accepted"),
            Self::PreconditionFailed => ("precondition-failed", 412, "The content is not the version asked for"),
            Self::RangeNotSatisfiable => ("range-not-satisfiable", 416, "The range lies outside the content"),
            Self::Internal => ("internal", 500, "Something broke on the server"),
            Self::StoredBytesDamaged => ("stored-bytes-damaged", 500, "The stored content is damaged"),
            Self::ObjectChanged => ("object-changed", 502, "An object in the bucket is not what was adopted"),
            Self::DatabaseUnavailable => ("database-unavailable", 503, "The database cannot be reached"),
            Self::StoreUnavailable => ("store-unavailable", 503, "The storage cannot be reached"),
            Self::Overloaded => ("overloaded", 503, "The server has too much to do"),
            Self::NotReady => ("not-ready", 503, "The server is starting or stopping"),
        }
    }

    /// The code, such as `tag-not-found`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// A short title for people, the same for every occurrence (RFC 9457 §3.1.3).
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }
}
