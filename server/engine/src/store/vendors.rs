//! Clients of S3, Google and Azure: the vendor's own variables first, then what is configured here, which wins.

use std::str::FromStr;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::multipart::MultipartStore;
use object_store::signer::Signer;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use super::StoreOptions;

/// One client: for whole objects, for the parts of some, and for addresses of others.
pub(super) type Client = (Arc<dyn ObjectStore>, Arc<dyn MultipartStore>, Option<StoreSigner>);

type Opened = object_store::Result<Client>;

/// What signs addresses.
#[derive(Debug, Clone)]
pub(super) struct StoreSigner {
    pub(super) signer: Arc<dyn Signer>,
    /// Whether an address can say which type is answered.
    pub(super) takes_type: bool,
    /// The bucket, where it copies its own objects for whoever asks with a signed address: S3.
    pub(super) copies_within: Option<String>,
}

pub(super) fn unsigned(client: impl ObjectStore + MultipartStore) -> Client {
    let client = Arc::new(client);
    (Arc::clone(&client) as _, client, None)
}

fn opened(
    client: impl ObjectStore + MultipartStore + Signer,
    takes_type: bool,
    copies_within: Option<String>,
) -> Client {
    let client = Arc::new(client);
    let signer = StoreSigner { signer: Arc::clone(&client) as _, takes_type, copies_within };
    (Arc::clone(&client) as _, client, Some(signer))
}

pub(super) fn open_s3(url: &Url, options: &StoreOptions) -> Opened {
    let mut builder = AmazonS3Builder::new();
    for (key, value) in variables::<AmazonS3ConfigKey>(options, "AWS_") {
        builder = builder.with_config(key, value);
    }
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    let bucket = url.host_str().unwrap_or_default();
    if let Some(endpoint) = &options.endpoint {
        let endpoint = if options.path_style { endpoint.clone() } else { hosted(endpoint, bucket) };
        // There are two variables for it, too.
        builder = builder.with_endpoint(&endpoint).with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
    }
    let builder = builder
        .with_url(url.as_str())
        .with_virtual_hosted_style_request(!options.path_style)
        .with_client_options(client_options(options))
        .with_retry(retry_config(options));
    let copies_within = matches!(url.scheme(), "s3" | "s3a").then(|| bucket.to_owned());
    builder.build().map(|store| opened(store, true, copies_within))
}

pub(super) fn open_google(url: &Url, options: &StoreOptions) -> Opened {
    let mut builder = GoogleCloudStorageBuilder::new();
    for (key, value) in variables::<GoogleConfigKey>(options, "GOOGLE_") {
        builder = builder.with_config(key, value);
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    let builder =
        builder.with_url(url.as_str()).with_client_options(client_options(options)).with_retry(retry_config(options));
    builder.build().map(|store| opened(store, true, None))
}

pub(super) fn open_azure(url: &Url, options: &StoreOptions) -> Opened {
    let mut builder = MicrosoftAzureBuilder::new();
    for (key, value) in variables::<AzureConfigKey>(options, "AZURE_") {
        builder = builder.with_config(key, value);
    }
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    let builder =
        builder.with_url(url.as_str()).with_client_options(client_options(options)).with_retry(retry_config(options));
    builder.build().map(|store| opened(store, false, None))
}

/// Those of the vendor's variables that mean something to its client.
fn variables<'a, K: FromStr>(options: &'a StoreOptions, prefix: &'a str) -> impl Iterator<Item = (K, &'a str)> {
    let known = options.environment.iter().filter(move |(name, _)| name.starts_with(prefix));
    known.filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value.as_str())))
}

/// `https://host` as `https://bucket.host`.
fn hosted(endpoint: &str, bucket: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{bucket}.{rest}"),
        None => format!("{bucket}.{endpoint}"),
    }
}

/// A blob streams for as long as its reader takes, so that there is no bound on a whole request, only on its silence.
pub(super) fn client_options(options: &StoreOptions) -> ClientOptions {
    ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(options.request_timeout)
        .with_connect_timeout(options.connect_timeout)
        .with_allow_http(true)
}

pub(super) fn retry_config(options: &StoreOptions) -> RetryConfig {
    let attempts = u32::try_from(options.retries).unwrap_or(u32::MAX).saturating_add(1);
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: options.retries,
        retry_timeout: options.request_timeout.saturating_mul(attempts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_goes_in_front_of_the_host_where_it_is_not_in_the_path() {
        assert_eq!(hosted("https://s3.example.org:9000", "media"), "https://media.s3.example.org:9000");
    }

    #[test]
    fn only_variables_of_the_vendor_that_its_client_knows_are_taken() {
        let environment = ["AWS_REGION", "AWS_PAGER", "AZURE_CLIENT_ID", "PATH"];
        let environment = environment.map(|name| (name.to_owned(), "x".to_owned())).to_vec();
        let options = StoreOptions { environment, ..StoreOptions::default() };
        let taken: Vec<_> = variables::<AmazonS3ConfigKey>(&options, "AWS_").map(|(key, _)| key).collect();
        assert_eq!(taken, [AmazonS3ConfigKey::Region]);
    }
}
