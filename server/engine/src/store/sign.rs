//! Addresses of objects that the object store itself answers, for a while, to whoever has them.

use std::time::Duration;

use object_store::signer::{Method, SignedUrlOptions};
use stowaway_domain::StoreKey;

use super::{Store, StoreError};

/// The query key with which S3 and Google are told what type to say. Azure has a name of its own for it, and no way to sign it here.
const TYPE_KEY: &str = "response-content-type";

impl Store {
    /// An address at which GET, or HEAD, of an object is answered for as long as `valid`, as of that type where the store can be told.
    ///
    /// # Errors
    /// This kind of store signs nothing, or has no credentials to sign with.
    pub async fn sign(
        &self,
        key: &StoreKey,
        is_head: bool,
        media_type: &str,
        valid: Duration,
    ) -> Result<String, StoreError> {
        let name = key.to_string();
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Failed {
            operation: "sign an address of",
            key: name.clone(),
            source,
        };
        let unable = || failed(std::io::Error::other("this kind of store signs no addresses").into());
        let signer = self.signer.as_ref().ok_or_else(unable)?;
        let method = if is_head { Method::HEAD } else { Method::GET };
        let options = match signer.takes_type {
            true => SignedUrlOptions::new().with_query([(TYPE_KEY, media_type)]),
            false => SignedUrlOptions::new(),
        };
        let signed = signer.signer.signed_url_opts(method, &self.path(&name), valid, &options).await;
        let signed = Self::count("sign", signed.map_err(|source| failed(Box::new(source))))?;
        Ok(signed.into())
    }
}
