//! The headers of a site in a folder, as nginx takes them: a folder keeps bytes, names and dates, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::{catalogue, cors, manifest, media_type, metalink};

use super::BuiltIn;
use super::own_file::own_file;
use crate::read::Resource;

/// Where it lies in the folder. It denies itself to everybody.
pub(super) const PATH: &str = ".stowaway/nginx.conf";

const HEAD: &str = "# How nginx serves the site in the folder above this one, with the headers that Stowaway's own server sends:\n\
    #\n\
    #     server { listen 8080; root /srv/site; include /srv/site/.stowaway/nginx.conf; }\n\
    #\n\
    # Made by `stowaway export`, which writes it anew.\n\n\
    location ^~ /.stowaway/ { return 404; }\n\n";
const BLOB: &str = r#"~ "^/blobs/[0-9a-f]{64}/[^/]+$""#;
const ACTIVE_BLOB: &str = r#"~* "^/blobs/[0-9a-f]{64}/[^/]+\.(html?|xml|svg)$""#;
const CHAPTERS: &str = r#"~* "^/blobs/[0-9a-f]{64}/[^/]+\.chapters\.json$""#;
const PIECES: &str = r#"~ "^/(blobs/[0-9a-f]{64}|tags/[^/]+/releases/[0-9]+)/pieces\.json$""#;
const RELEASE_MANIFEST: &str = r#"~ "^/tags/[^/]+/releases/[0-9]+/manifest\.json$""#;
const BUNDLE: &str = r#"~ "^/tags/(?<stowaway_tag>[^/]+)/releases/(?<stowaway_release>[0-9]+)\.zip$""#;
const METALINK: &str = r#"~ "^/tags/[^/]+/releases/[0-9]+\.meta4$""#;
const CURRENT_MANIFEST: &str = r#"~ "^/tags/[^/]+/manifest\.json$""#;
const MEDIA: &str = r#"~ "^/tags/[^/]+/media/""#;
const ACTIVE_MEDIA: &str = r#"~* "^/tags/[^/]+/media/.+\.(html?|xml|svg)$""#;
const MEDIA_CHAPTERS: &str = r#"~* "^/tags/[^/]+/media/.+\.chapters\.json$""#;
const LATEST_BUNDLE: &str = r#"~ "^/tags/(?<stowaway_tag>[^/]+)/latest\.zip$""#;
/// Files only: a folder of a tag is no address, whatever lies in it.
const ONLY_FILES: &str = "try_files $uri =404;";
/// Built-in files and the addresses they have.
const PAGES: [(&str, &str); 4] =
    [("index.html", "= /"), ("play.html", "= /play"), ("downloads.html", "= /downloads"), ("sw.js", "= /sw.js")];
/// Headers of built-in files beyond those of all answers.
const PAGE_HEADERS: [&str; 3] = ["content-security-policy", "referrer-policy", "service-worker-allowed"];

/// The snippet, as a file of the site.
pub(super) fn snippet(pointer: CachePolicy, built_in: &[BuiltIn]) -> Arc<Resource> {
    Arc::new(own_file(text(pointer, built_in).into(), "text/plain; charset=utf-8"))
}

fn text(pointer: CachePolicy, built_in: &[BuiltIn]) -> String {
    let (immutable, of_files, of_built_in) = (CachePolicy::Immutable, types_of_files(), types_of_built_in(built_in));
    let mut text = HEAD.to_owned();
    // The first expression that fits is taken.
    block(&mut text, PIECES, immutable, &[], &of_type("application/json"));
    block(&mut text, CHAPTERS, immutable, &[], &of_type("application/json+chapters"));
    block(&mut text, ACTIVE_BLOB, immutable, &[("content-security-policy", "sandbox")], &of_files);
    block(&mut text, BLOB, immutable, &[], &of_files);
    block(&mut text, RELEASE_MANIFEST, immutable, &[], &of_type(manifest::MEDIA_TYPE));
    let saved_as = ("content-disposition", "attachment; filename=\\\"$stowaway_tag-$stowaway_release.zip\\\"");
    block(&mut text, BUNDLE, immutable, &[saved_as], &of_type("application/zip"));
    block(&mut text, METALINK, CachePolicy::Revalidate, &[], &of_type(metalink::MEDIA_TYPE));
    block(&mut text, CURRENT_MANIFEST, pointer, &[], &of_type(manifest::MEDIA_TYPE));
    let of_media = |body: &str| format!("{ONLY_FILES}\n    {body}");
    let chapters = of_media(&of_type("application/json+chapters"));
    block(&mut text, MEDIA_CHAPTERS, CachePolicy::Revalidate, &[], &chapters);
    let sandbox = [("content-security-policy", "sandbox")];
    block(&mut text, ACTIVE_MEDIA, CachePolicy::Revalidate, &sandbox, &of_media(&of_files));
    block(&mut text, MEDIA, CachePolicy::Revalidate, &[], &of_media(&of_files));
    // A folder does not know the number of the release.
    let saved_as = ("content-disposition", "attachment; filename=\\\"$stowaway_tag-latest.zip\\\"");
    block(&mut text, LATEST_BUNDLE, CachePolicy::Revalidate, &[saved_as], &of_type("application/zip"));
    let catalogue = format!("try_files /tags.json =404;\n    {}", of_type(catalogue::MEDIA_TYPE));
    block(&mut text, "= /tags", pointer, &[], &catalogue);
    for (file, address) in PAGES {
        let Some(found) = built_in.iter().find(|candidate| candidate.path == file) else { continue };
        let header = |name| Some((name, found.resource.representation.header(name)?.as_str()));
        let headers: Vec<(&str, &str)> = PAGE_HEADERS.into_iter().filter_map(header).collect();
        let body = format!("try_files /{file} =404;\n    {of_built_in}");
        block(&mut text, address, CachePolicy::Revalidate, &headers, &body);
    }
    block(&mut text, "/client/", CachePolicy::Revalidate, &[], &of_built_in);
    text
}

/// One `location`. It says every header itself, as nginx inherits none where there is one.
fn block(text: &mut String, matcher: &str, cache: CachePolicy, headers: &[(&str, &str)], body: &str) {
    let _ = writeln!(text, "location {matcher} {{\n    {body}");
    let cache = cache.cache_control();
    let common = cors::READ_HEADERS.iter().map(|(name, value)| (*name, value.as_str()));
    let own = [("cache-control", cache.as_str()), ("x-content-type-options", "nosniff")];
    for (name, value) in own.into_iter().chain(common).chain(headers.iter().copied()) {
        let _ = writeln!(text, "    add_header {name} \"{value}\";");
    }
    text.push_str("}\n\n");
}

fn of_type(media_type: &str) -> String {
    format!("types {{ }} default_type \"{media_type}\";")
}

/// Types of listeners' files. They have none of the program's own, or a file of theirs could be its script.
fn types_of_files() -> String {
    types(
        media_type::endings().map(|(ending, media_type)| {
            (ending.trim_start_matches('.').to_owned(), media_type::content_type(media_type))
        }),
    )
}

/// Types of the program's own files.
fn types_of_built_in(built_in: &[BuiltIn]) -> String {
    types(built_in.iter().filter_map(|file| {
        let (_, ending) = file.path.rsplit_once('.')?;
        Some((ending.to_owned(), file.resource.representation.media_type().as_str().to_owned()))
    }))
}

/// Media types by the last ending of a name.
fn types(by_ending: impl Iterator<Item = (String, String)>) -> String {
    let known: BTreeMap<String, String> = by_ending.filter(|(ending, _)| !ending.contains('.')).collect();
    let known =
        known.iter().fold(String::new(), |list, (ending, media_type)| format!("{list} \"{media_type}\" {ending};"));
    format!("types {{{known} }} default_type application/octet-stream;")
}
