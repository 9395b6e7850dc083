//! Tokens as people and programs hold them: `sw_{id}_{secret}`. The id is public and finds the row; of the secret only a digest is kept.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use subtle::ConstantTimeEq as _;

use crate::Digest;

const PREFIX: &str = "sw_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of a `u64` in base 62.
const ID_DIGITS: usize = 11;
/// Digits of 32 bytes in base 62.
const SECRET_DIGITS: usize = 43;
/// Longest name of a token, in characters.
const NAME_MAX_CHARACTERS: usize = 100;

/// The public part of a token: names it in lists, logs and addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

/// Text that is no token, or no id of one. It repeats nothing of the text, which may be half a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no token of Stowaway: they read sw_, {ID_DIGITS} letters and digits, _ and {SECRET_DIGITS} more")]
pub struct TokenError;

/// A whole token. It is shown once, when it is made, and never by `Debug`.
#[derive(Clone)]
pub struct Token {
    id: TokenId,
    secret: String,
}

impl Token {
    /// The token of these random bytes.
    #[must_use]
    pub fn from_random(id: u64, secret: &[u8; 32]) -> Self {
        Self { id: TokenId(base62(&id.to_be_bytes(), ID_DIGITS)), secret: base62(secret, SECRET_DIGITS) }
    }

    /// The public part.
    #[must_use]
    pub const fn id(&self) -> &TokenId {
        &self.id
    }

    /// What is kept of the secret. It has 256 random bits, so that one round of SHA-256 cannot be undone by guessing.
    #[must_use]
    pub fn secret_digest(&self) -> Digest {
        Digest::of(self.secret.as_bytes())
    }

    /// Is this the secret that `kept` was made of? Takes the same time whatever differs.
    #[must_use]
    pub fn has_secret_digest(&self, kept: &Digest) -> bool {
        self.secret_digest().as_bytes().ct_eq(kept.as_bytes()).into()
    }

    /// The text to be shown to its owner, once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, secret) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(TokenError)?;
        if !is_base62(secret, SECRET_DIGITS) {
            return Err(TokenError);
        }
        Ok(Self { id: id.parse()?, secret: secret.to_owned() })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}_…", self.id)
    }
}

impl TokenId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenId {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_base62(text, ID_DIGITS) { Ok(Self(text.to_owned())) } else { Err(TokenError) }
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for TokenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What a token is called, so that its owner knows which one to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenName(String);

/// A name that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token's name has 1 to {NAME_MAX_CHARACTERS} characters, no control characters, and no space at either end")]
pub struct TokenNameError;

impl TokenName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=NAME_MAX_CHARACTERS).contains(&text.chars().count());
        let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
        if fits && is_plain { Ok(Self(text.to_owned())) } else { Err(TokenNameError) }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How long a token is good for: `never` (it does not expire), or a number of days or hours such as `90d` and `12h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// For ever.
    Unlimited,
    /// This many hours.
    Hours(u32),
}

/// Text that is no lifetime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no lifetime: use a number of days or hours from 1 to 9999, such as 90d or 12h, or never")]
pub struct LifetimeError(String);

impl Lifetime {
    /// What is taken where nothing is said.
    pub const DEFAULT: &str = "90d";

    /// The same in seconds; `None` is for ever.
    #[must_use]
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Unlimited => None,
            Self::Hours(hours) => Some(u64::from(hours) * 3600),
        }
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || LifetimeError(text.chars().take(20).collect());
        if text == "never" {
            return Ok(Self::Unlimited);
        }
        let (digits, hours) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
            (Some(days), _) => (days, 24),
            (_, Some(hours)) => (hours, 1),
            _ => return Err(refuse()),
        };
        let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = digits.parse().ok().filter(|_| is_number && !digits.starts_with('0')).ok_or_else(refuse)?;
        Ok(Self::Hours(number * hours))
    }
}

fn is_base62(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A number, most significant byte first, with leading zeros to `digits`.
fn base62(number: &[u8], digits: usize) -> String {
    let mut number = number.to_vec();
    let mut text = vec![b'0'; digits];
    for place in text.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = remainder << 8 | u32::from(*byte);
            // Below 62 * 256, divided by 62.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *place = ALPHABET[remainder as usize];
    }
    text.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_as_it_was_shown() {
        for (id, secret) in [(0, [0; 32]), (u64::MAX, [255; 32]), (62, [7; 32])] {
            let token = Token::from_random(id, &secret);
            let again: Token = token.reveal().parse().unwrap();
            assert_eq!((again.id(), again.reveal()), (token.id(), token.reveal()));
            assert!(again.has_secret_digest(&token.secret_digest()));
        }
        assert_eq!(Token::from_random(62, &[0; 32]).id().as_str(), "00000000010");
    }

    #[test]
    fn another_secret_is_another_token() {
        let mut secret = [9; 32];
        let token = Token::from_random(1, &secret);
        secret[31] ^= 1;
        assert!(!Token::from_random(1, &secret).has_secret_digest(&token.secret_digest()));
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_repeated() {
        let good = Token::from_random(1, &[1; 32]).reveal();
        for bad in ["", "sw_", "sw_a_b", &good[1..], &format!("{good}a"), &good.replace('1', "-"), &good.to_uppercase()]
        {
            let error = bad.parse::<Token>().unwrap_err();
            assert_eq!(error, TokenError, "{bad}");
            assert!(!error.to_string().contains(&good[15..]));
        }
    }

    #[test]
    fn a_token_does_not_show_its_secret_in_debug_output() {
        let token = Token::from_random(1, &[1; 32]);
        assert_eq!(format!("{token:?}"), "sw_00000000001_…");
    }

    #[test]
    fn names_are_short_and_plain() {
        for good in ["ci", "Ada's laptop", &"ä".repeat(100)] {
            assert_eq!(good.parse::<TokenName>().unwrap().as_str(), good);
        }
        for bad in ["", " ", " a", "a\n", "a\u{0}b", &"a".repeat(101)] {
            assert_eq!(bad.parse::<TokenName>(), Err(TokenNameError), "{bad:?}");
        }
    }

    #[test]
    fn lifetimes_are_days_hours_or_never() {
        assert_eq!("90d".parse(), Ok(Lifetime::Hours(90 * 24)));
        assert_eq!("12h".parse::<Lifetime>().map(Lifetime::seconds), Ok(Some(12 * 3600)));
        assert_eq!("never".parse::<Lifetime>().map(Lifetime::seconds), Ok(None));
        assert!(Lifetime::DEFAULT.parse::<Lifetime>().is_ok());
        for bad in ["", "d", "0d", "01d", "10000d", "-1d", "+1d", "1w", "1 d", "90", "1.5h", "Never"] {
            assert!(bad.parse::<Lifetime>().is_err(), "{bad:?}");
        }
    }
}
