//! Chooses the content coding of an answer (RFC 9110 §12.5.3).

/// A form in which a document can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// As it is.
    Identity,
    /// `gzip` (RFC 1952), of which `x-gzip` is another name (RFC 9110 §8.4.1.3).
    Gzip,
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstd,
    /// `dcz`: Zstandard with a dictionary that the client has (RFC 9842).
    DictionaryZstd,
}

/// The most members of a header that are read; further ones are as if they were not there.
pub const MAX_MEMBERS: usize = 32;

/// Weights are thousandths (RFC 9110 §12.4.2).
const FULL_WEIGHT: u16 = 1000;

impl Coding {
    /// The token in `Content-Encoding`; nothing for identity, which has no header.
    #[must_use]
    pub const fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::DictionaryZstd => Some("dcz"),
        }
    }

    /// The coding with that very token; identity has none.
    #[must_use]
    pub fn of_token(token: &str) -> Option<Self> {
        [Self::Gzip, Self::Brotli, Self::Zstd, Self::DictionaryZstd]
            .into_iter()
            .find(|coding| coding.token() == Some(token))
    }

    fn is_named(self, name: &str) -> bool {
        match self {
            Self::Identity => name.eq_ignore_ascii_case("identity"),
            Self::Gzip => name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"),
            _ => self.token().is_some_and(|token| name.eq_ignore_ascii_case(token)),
        }
    }
}

/// What can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// In this form.
    Send(Coding),
    /// None of the forms is acceptable to the client: 406 (RFC 9110 §15.5.7), so that no edge keeps under one key what it did
    /// not ask for.
    NotAcceptable,
}

/// Chooses among the codings that are `available`, in the server's order of preference. Identity always is.
///
/// The highest weight wins, then the server's order. Identity is acceptable unless it, or `*` without it, has weight 0; where
/// it is not named, it is the last resort. A member that cannot be read is as if it were not there. No header accepts any
/// coding, but a client that says nothing may well be one that knows nothing: it gets identity.
///
/// ```
/// use stowaway_domain::coding::{Choice, Coding, choose};
/// let available = [Coding::Zstd, Coding::Brotli, Coding::Gzip];
/// assert_eq!(choose(&available, Some("gzip, deflate, br")), Choice::Send(Coding::Brotli));
/// assert_eq!(choose(&available, Some("gzip;q=1, br;q=0.5")), Choice::Send(Coding::Gzip));
/// assert_eq!(choose(&available, None), Choice::Send(Coding::Identity));
/// ```
#[must_use]
pub fn choose(available: &[Coding], header: Option<&str>) -> Choice {
    let Some(header) = header else { return Choice::Send(Coding::Identity) };
    let mut best: Option<(u16, Coding)> = None;
    for &coding in available.iter().filter(|&&coding| coding != Coding::Identity) {
        let weight = weight_of(coding, header).unwrap_or(0);
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, coding));
        }
    }
    let identity = weight_of(Coding::Identity, header);
    match (best, identity) {
        (Some((weight, _)), Some(identity)) if identity > weight => Choice::Send(Coding::Identity),
        (Some((_, coding)), _) => Choice::Send(coding),
        (None, Some(0)) => Choice::NotAcceptable,
        (None, _) => Choice::Send(Coding::Identity),
    }
}

/// How welcome a coding is, in thousandths; 0 is not acceptable. No header accepts everything, but a client that says nothing
/// may well be one that knows nothing: only identity is. Identity that is not mentioned is welcome last.
#[must_use]
pub fn weight(coding: Coding, header: Option<&str>) -> u16 {
    let is_identity = coding == Coding::Identity;
    let Some(header) = header else { return u16::from(is_identity) };
    weight_of(coding, header).unwrap_or(u16::from(is_identity))
}

/// The weight that a header gives a coding, by name before by `*`; of one named twice the higher. Nothing where it says nothing.
fn weight_of(coding: Coding, header: &str) -> Option<u16> {
    let (mut by_name, mut by_star) = (None, None);
    for (name, weight) in header.split(',').take(MAX_MEMBERS).filter_map(parse_member) {
        // A dictionary is only used by those who name the coding: `*` cannot mean that one is at hand.
        if name == "*" && coding != Coding::DictionaryZstd {
            by_star = by_star.max(Some(weight));
        } else if coding.is_named(name) {
            by_name = by_name.max(Some(weight));
        }
    }
    by_name.or(by_star)
}

/// `name` or `name;q=weight`.
fn parse_member(member: &str) -> Option<(&str, u16)> {
    let (name, parameter) = match member.split_once(';') {
        Some((name, parameter)) => (name, Some(parameter)),
        None => (member, None),
    };
    let name = name.trim_matches([' ', '\t']);
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let Some(parameter) = parameter else { return Some((name, FULL_WEIGHT)) };
    let (key, value) = parameter.trim_matches([' ', '\t']).split_once('=')?;
    key.eq_ignore_ascii_case("q").then(|| parse_weight(value)).flatten().map(|weight| (name, weight))
}

/// `0` to `1` with up to three decimals (RFC 9110 §12.4.2), in thousandths.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let whole = match whole {
        "0" => 0,
        "1" => FULL_WEIGHT,
        _ => return None,
    };
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse::<u16>().ok()?;
    (whole + thousandths <= FULL_WEIGHT).then_some(whole + thousandths)
}
