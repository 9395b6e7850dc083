//! Publishing a folder as the next release of a tag.
