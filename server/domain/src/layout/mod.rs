//! The rules by which a folder becomes a tag: what is left out, in which order, what belongs to what, and under which title.

mod companions;
mod error;
mod file_name;
mod left_out;
mod lessons;
mod natural_order;
mod outline;
mod role;
mod title;
mod tree;

pub use error::LayoutError;
pub use left_out::is_left_out;
pub use natural_order::natural_order;
pub use outline::{Entry, Lesson, Module, Outline, Resource, outline};
pub use role::Role;
pub use title::{slug, title_from_name};
