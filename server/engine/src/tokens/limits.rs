//! How often an address may show a wrong token, and how often a token may ask. In memory, of each server by itself.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Most keys that a limiter remembers before those that have recovered are forgotten.
const MAX_KEYS: usize = 10_000;

/// Bounds on requests.
#[derive(Debug, Clone, Copy)]
pub struct TokenLimits {
    /// Wrong tokens that an address may show a minute.
    pub failures_per_minute: NonZeroU32,
    /// Requests that a token may make a second, on average; twice as many at once.
    pub requests_per_second: NonZeroU32,
}

/// Counts by key.
pub(super) struct Limiter<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(super) fn new(quota: Quota) -> Self {
        Self(RateLimiter::keyed(quota))
    }

    /// Counts one more for `key`, or `overflow` where there are too many keys to tell them apart.
    ///
    /// # Errors
    /// That would be too many: after this time it would not.
    pub(super) fn count(&self, key: &K, overflow: &K) -> Result<(), Duration> {
        if self.0.len() >= MAX_KEYS {
            self.0.retain_recent();
        }
        let key = if self.0.len() >= MAX_KEYS { overflow } else { key };
        self.0.check_key(key).map_err(|not_until| not_until.wait_time_from(DefaultClock::now(self.0.clock())))
    }
}

pub(super) fn failures(limits: TokenLimits) -> Limiter<IpAddr> {
    Limiter::new(Quota::per_minute(limits.failures_per_minute))
}

pub(super) fn requests<K: Hash + Eq + Clone>(limits: TokenLimits) -> Limiter<K> {
    let at_once = limits.requests_per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
    Limiter::new(Quota::per_second(limits.requests_per_second).allow_burst(at_once))
}

/// Who is counted as one: of IPv6, a network of 64 bits, as everybody has at least one of those.
pub(super) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(number: u32) -> TokenLimits {
        let number = NonZeroU32::new(number).unwrap();
        TokenLimits { failures_per_minute: number, requests_per_second: number }
    }

    #[test]
    fn a_key_that_is_used_up_says_for_how_long_and_others_go_on() {
        let limiter = failures(limits(3));
        let (one, two): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap());
        for _ in 0..3 {
            assert_eq!(limiter.count(&one, &one), Ok(()));
        }
        let wait = limiter.count(&one, &one).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(limiter.count(&two, &two), Ok(()));
    }

    #[test]
    fn keys_are_bounded() {
        let limiter = requests::<u64>(limits(1));
        for key in 0..2 * MAX_KEYS as u64 {
            let _ = limiter.count(&key, &u64::MAX);
        }
        assert!(limiter.0.len() <= MAX_KEYS + 1);
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let of = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
