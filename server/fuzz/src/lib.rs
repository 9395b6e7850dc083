//! What the fuzz targets share: reading their input, and second opinions to compare with.
//!
//! Inputs are text wherever the thing under test reads text, so that the corpus can be read and written by hand.

pub mod input;
pub mod media;
pub mod second_opinion;
