//! What a store means when it refuses: object stores say it in codes of their own, inside of their answers.

use std::error::Error;

use super::StoreError;

/// Something that trying again does not mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFault {
    /// This machine's clock and the store's are too far apart for signatures to count.
    ClockSkew,
    /// The credentials are wrong, have expired, or are missing.
    Credentials,
    /// There is no such bucket or container.
    NoBucket,
}

/// Codes and phrases of S3, Azure and Google. The clock comes first: Azure refuses a wrong date as a failed authentication.
const SAYINGS: [(&str, StoreFault); 18] = [
    ("RequestTimeTooSkewed", StoreFault::ClockSkew),
    ("Request date header too old", StoreFault::ClockSkew),
    ("date header is too old", StoreFault::ClockSkew),
    ("must be a short-lived token", StoreFault::ClockSkew),
    ("InvalidAccessKeyId", StoreFault::Credentials),
    ("SignatureDoesNotMatch", StoreFault::Credentials),
    ("AuthorizationHeaderMalformed", StoreFault::Credentials),
    ("ExpiredToken", StoreFault::Credentials),
    ("TokenRefreshRequired", StoreFault::Credentials),
    ("AuthenticationFailed", StoreFault::Credentials),
    ("Server failed to authenticate the request", StoreFault::Credentials),
    ("InvalidAuthenticationInfo", StoreFault::Credentials),
    ("Invalid JWT Signature", StoreFault::Credentials),
    ("Invalid Credentials", StoreFault::Credentials),
    ("NoSuchBucket", StoreFault::NoBucket),
    ("ContainerNotFound", StoreFault::NoBucket),
    ("The specified bucket does not exist", StoreFault::NoBucket),
    ("the missing bucket", StoreFault::NoBucket),
];

impl StoreError {
    /// What the store means, where it says so.
    #[must_use]
    pub fn fault(&self) -> Option<StoreFault> {
        let mut causes = std::iter::successors(Some(self as &(dyn Error + 'static)), |error| (*error).source());
        causes.find_map(|cause| {
            let text = cause.to_string();
            SAYINGS.iter().find(|(saying, _)| text.contains(saying)).map(|&(_, fault)| fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &'static str) -> Option<StoreFault> {
        let source = Box::new(std::io::Error::other(text));
        StoreError::Failed { operation: "write", key: "x".to_owned(), source }.fault()
    }

    #[test]
    fn a_refusal_is_what_the_store_calls_it() {
        assert_eq!(fault("403 Forbidden: <Error><Code>RequestTimeTooSkewed</Code>"), Some(StoreFault::ClockSkew));
        let azure = "<Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Request date header too old: 'x'";
        assert_eq!(fault(azure), Some(StoreFault::ClockSkew));
        assert_eq!(fault("<Code>AuthenticationFailed</Code>"), Some(StoreFault::Credentials));
        assert_eq!(fault("<Code>NoSuchBucket</Code>"), Some(StoreFault::NoBucket));
        assert_eq!(fault("<Code>AccessDenied</Code>"), None, "perhaps only for writing");
        assert_eq!(fault("connection refused"), None);
    }
}
