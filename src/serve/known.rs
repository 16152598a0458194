//! Which tokens are known, and whether the API server may be asked about another: pure.
//!
//! Anybody who can connect may make up tokens. What was refused is remembered apart from what was allowed, so that made-up
//! tokens displace no scraper's; and questions about strangers are rationed, for each address and for all together. A
//! token that was allowed lately is no stranger: asking about it again costs nothing of that ration.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::access::Verdict;

/// How long a token is allowed without asking again.
const ALLOWED: Duration = Duration::from_secs(60);
/// How long it is no stranger.
const REMEMBERED: Duration = Duration::from_secs(600);
/// How long a refusal holds: whoever is given the right sees metrics soon.
const REFUSED: Duration = Duration::from_secs(10);
/// How many allowed tokens are remembered: there are one or two scrapers.
const ALLOWED_TOKENS: usize = 16;
/// How many refused ones.
const REFUSED_TOKENS: usize = 256;
/// How many addresses have a ration of their own.
const ADDRESSES: usize = 256;

/// A ration: so many at once, and then one each time.
#[derive(Clone, Copy, Debug)]
struct Ration {
    burst: u32,
    each: Duration,
}

const OF_AN_ADDRESS: Ration = Ration { burst: 5, each: Duration::from_secs(2) };
const OF_ALL: Ration = Ration { burst: 20, each: Duration::from_millis(200) };

/// What was taken of a ration: until when it is used up.
#[derive(Clone, Copy, Debug)]
struct Taken(Instant);

impl Taken {
    fn take(&mut self, ration: Ration, now: Instant) -> bool {
        let next = self.0.max(now) + ration.each;
        let fits = next <= now + ration.each * ration.burst;
        if fits {
            self.0 = next;
        }
        fits
    }
}

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// What becomes of it.
    Now(Verdict),
    /// It was allowed lately.
    Lately,
    /// Nothing.
    No,
}

/// The tokens that are known, by a keyed hash.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    allowed: HashMap<u64, Instant>,
    refused: HashMap<u64, (Verdict, Instant)>,
    taken: Option<Taken>,
    addresses: HashMap<IpAddr, Taken>,
}

impl Tokens {
    /// Returns what is known of a token.
    pub(super) fn of(&self, token: u64, now: Instant) -> Known {
        if let Some((verdict, _)) = self.refused.get(&token).filter(|(_, since)| now < *since + REFUSED) {
            return Known::Now(*verdict);
        }
        match self.allowed.get(&token) {
            Some(since) if now < *since + ALLOWED => Known::Now(Verdict::Allowed),
            Some(since) if now < *since + REMEMBERED => Known::Lately,
            _ => Known::No,
        }
    }

    /// Returns whether the API server may be asked about a stranger from this address, and counts the question.
    pub(super) fn may_ask(&mut self, from: IpAddr, now: Instant) -> bool {
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&from) {
            // Those that have their whole ration again are as good as unknown.
            self.addresses.retain(|_, taken| taken.0 > now);
            if self.addresses.len() >= ADDRESSES {
                return false;
            }
        }
        self.addresses.entry(from).or_insert(Taken(now)).take(OF_AN_ADDRESS, now)
            && self.taken.get_or_insert(Taken(now)).take(OF_ALL, now)
    }

    /// Remembers an answer.
    pub(super) fn remember(&mut self, token: u64, verdict: Verdict, now: Instant) {
        match verdict {
            Verdict::Allowed => {
                self.refused.remove(&token);
                self.allowed.retain(|_, since| now < *since + REMEMBERED);
                make_room(&mut self.allowed, ALLOWED_TOKENS, |since| *since);
                self.allowed.insert(token, now);
            }
            Verdict::Unknown | Verdict::Forbidden => {
                self.allowed.remove(&token);
                self.refused.retain(|_, (_, since)| now < *since + REFUSED);
                make_room(&mut self.refused, REFUSED_TOKENS, |(_, since)| *since);
                self.refused.insert(token, (verdict, now));
            }
            Verdict::Busy | Verdict::Unclear => {}
        }
    }
}

/// Forgets the oldest where there are too many.
fn make_room<V>(known: &mut HashMap<u64, V>, most: usize, since: impl Fn(&V) -> Instant) {
    while known.len() >= most {
        let oldest = known.iter().min_by_key(|(_, value)| since(value)).map(|(token, _)| *token);
        match oldest {
            Some(oldest) => known.remove(&oldest),
            None => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn made_up_tokens_displace_no_allowed_one() {
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        tokens.remember(0, Verdict::Allowed, now);
        for token in 1..10_000 {
            tokens.remember(token, Verdict::Unknown, now);
        }
        assert_eq!(tokens.of(0, now), Known::Now(Verdict::Allowed));
        assert_eq!(tokens.of(9_999, now), Known::Now(Verdict::Unknown), "the latest are known");
        assert_eq!((tokens.allowed.len(), tokens.refused.len()), (1, REFUSED_TOKENS));
    }

    #[test]
    fn an_answer_holds_for_a_while_and_a_refusal_for_less() {
        let (mut tokens, start) = (Tokens::default(), Instant::now());
        tokens.remember(1, Verdict::Allowed, start);
        tokens.remember(2, Verdict::Forbidden, start);
        let of = |token, seconds| tokens.of(token, start + Duration::from_secs(seconds));
        assert_eq!([of(1, 59), of(1, 60), of(1, 600)], [Known::Now(Verdict::Allowed), Known::Lately, Known::No]);
        assert_eq!([of(2, 9), of(2, 10)], [Known::Now(Verdict::Forbidden), Known::No]);
        tokens.remember(1, Verdict::Unknown, start);
        assert_eq!(tokens.of(1, start), Known::Now(Verdict::Unknown), "what was revoked is no longer remembered");
    }

    #[test]
    fn a_flood_from_one_address_leaves_the_ration_of_others() {
        let (mut tokens, start) = (Tokens::default(), Instant::now());
        let mut asked = 0;
        for millis in 0..60_000 {
            asked += u32::from(tokens.may_ask(address(1), start + Duration::from_millis(millis)));
        }
        assert_eq!(asked, 5 + 29, "a burst, and then one every two seconds");
        assert!(tokens.may_ask(address(2), start + Duration::from_secs(60)));
    }

    #[test]
    fn all_addresses_together_have_a_ration_too() {
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        let asked = (0..=255).filter(|last| tokens.may_ask(address(*last), now)).count();
        assert_eq!(asked, 20);
        assert!(!tokens.may_ask(IpAddr::from([10, 0, 1, 0]), now), "no room for another address");
        assert_eq!(tokens.addresses.len(), ADDRESSES);
        assert!(tokens.may_ask(IpAddr::from([10, 0, 1, 0]), now + Duration::from_secs(10)), "until they are forgotten");
    }
}
