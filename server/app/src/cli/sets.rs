//! Brings every `--set` before the command. Of an option that may stand on both sides of the command, clap keeps only what stands
//! behind it: the others would be ignored without a word.

use std::ffi::{OsStr, OsString};

/// The same arguments, each `--set` with its value first, in the order they were given.
pub(crate) fn sets_first(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let mut first: Vec<OsString> = arguments.next().into_iter().collect();
    let mut others = Vec::new();
    while let Some(argument) = arguments.next() {
        if argument == OsStr::new("--") {
            others.push(argument);
            break;
        }
        match argument.to_str() {
            // One without a value stays where it is, for clap to say so.
            Some("--set") => match arguments.next() {
                Some(value) => first.extend([argument, value]),
                None => others.push(argument),
            },
            Some(text) if text.starts_with("--set=") => first.push(argument),
            _ => others.push(argument),
        }
    }
    first.extend(others);
    first.extend(arguments);
    first
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::CommandLine;
    use super::*;

    fn sorted(line: &str) -> String {
        let words = sets_first(line.split(' ').map(OsString::from));
        words.join(OsStr::new(" ")).into_string().unwrap_or_default()
    }

    #[test]
    fn sets_on_both_sides_of_the_command_come_first_in_their_order() {
        assert_eq!(
            sorted("s --set a=1 serve --set=b=2 --listen x --set c=3"),
            "s --set a=1 --set=b=2 --set c=3 serve --listen x"
        );
    }

    #[test]
    fn what_is_no_option_or_has_no_value_stays() {
        assert_eq!(sorted("s publish --tag t -- --set a=1"), "s publish --tag t -- --set a=1");
        assert_eq!(sorted("s serve --set"), "s serve --set");
        assert_eq!(sorted("s"), "s");
    }

    #[test]
    fn clap_takes_them_all() {
        let line = "s --set http.workers=1 serve --set http.keep_alive_seconds=7";
        let parsed = CommandLine::try_parse_from(sets_first(line.split(' ').map(OsString::from)));
        let layer = parsed.map(|line| format!("{:?}", line.global)).unwrap_or_else(|error| error.to_string());
        assert!(layer.contains("http.workers=1") && layer.contains("http.keep_alive_seconds=7"), "{layer}");
    }
}
