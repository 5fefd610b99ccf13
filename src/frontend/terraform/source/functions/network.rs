//! Functions on IP networks.
//!
//! See <https://developer.hashicorp.com/terraform/language/functions/cidrsubnet> and its neighbours.

use super::super::evaluate::Evaluator;
use super::super::value::Val;
use crate::source::Span;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Evaluator<'_> {
    pub(super) fn network_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("cidrhost", [network, number]) => host(network, number).map(|address| Val::text(span, &address)),
            ("cidrnetmask", [network]) => mask(network).map(|mask| Val::text(span, &mask)),
            ("cidrsubnet", [network, bits, number]) => {
                subnet(network, bits, number).map(|subnet| Val::text(span, &subnet))
            }
            ("cidrsubnets", [network, wider @ ..]) => subnets(network, wider)
                .map(|subnets| Val::list(span, subnets.iter().map(|subnet| Val::text(span, subnet)).collect())),
            _ => return None,
        };
        Some(value.unwrap_or_else(|| self.needs(name, arguments, span)))
    }
}

fn host(network: &Val, number: &Val) -> Option<String> {
    Network::of(network)?.host(whole(number)?)
}

fn mask(network: &Val) -> Option<String> {
    Network::of(network)?.mask()
}

fn subnet(network: &Val, bits: &Val, number: &Val) -> Option<String> {
    Network::of(network)?.subnet(whole(bits)?, whole(number)?)?.shown()
}

fn subnets(network: &Val, wider: &[Val]) -> Option<Vec<String>> {
    let wider: Option<Vec<i128>> = wider.iter().map(whole).collect();
    Network::of(network)?.subnets(&wider?)?.into_iter().map(Network::shown).collect()
}

/// A number without a fraction.
#[expect(clippy::cast_possible_truncation, reason = "numbers of that size are exact")]
fn whole(value: &Val) -> Option<i128> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let number = value.as_number().filter(|number| number.fract() == 0.0 && number.abs() < LARGEST)?;
    Some(number as i128)
}

/// A network of addresses. Those of IPv4 are the low bits of a number.
#[derive(Clone, Copy)]
struct Network {
    /// Its first address.
    base: u128,
    /// How many bits of an address it settles.
    length: u32,
    /// How many bits an address has.
    width: u32,
}

impl Network {
    fn of(value: &Val) -> Option<Self> {
        Self::parse(&value.as_literal()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (base, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let length = length.parse().ok().filter(|length| *length <= width)?;
        let network = Self { base, length, width };
        Some(Self { base: base & !network.inner(), ..network })
    }

    /// The bits that tell its addresses apart, all set.
    fn inner(self) -> u128 {
        let bits = self.width - self.length;
        1_u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1)
    }

    fn last(self) -> u128 {
        self.base | self.inner()
    }

    /// An address as it is written. Terraform writes IPv4 in IPv6 in another way.
    fn address(self, address: u128) -> Option<String> {
        if self.width == 32 {
            return Some(Ipv4Addr::from(u32::try_from(address).ok()?).to_string());
        }
        let address = Ipv6Addr::from(address);
        address.to_ipv4_mapped().is_none().then(|| address.to_string())
    }

    fn shown(self) -> Option<String> {
        Some(format!("{}/{}", self.address(self.base)?, self.length))
    }

    /// An address by its number, from the end where that is negative.
    fn host(self, number: i128) -> Option<String> {
        let distance = if number < 0 { number.unsigned_abs() - 1 } else { number.unsigned_abs() };
        if distance > self.inner() {
            return None;
        }
        self.address(if number < 0 { self.last() - distance } else { self.base + distance })
    }

    fn mask(self) -> Option<String> {
        if self.width == 32 { self.address(u128::from(u32::MAX) & !self.inner()) } else { None }
    }

    /// The network of that number among those that settle so many bits more.
    fn subnet(self, bits: i128, number: i128) -> Option<Self> {
        let length = self.length.checked_add(u32::try_from(bits).ok()?).filter(|length| *length <= self.width)?;
        let subnet = Self { length, ..self };
        let step = subnet.inner().checked_add(1);
        let distance = match (u128::try_from(number).ok()?, step) {
            (0, _) => 0,
            (number, Some(step)) => number.checked_mul(step)?,
            (_, None) => return None,
        };
        (distance <= self.inner()).then(|| Self { base: self.base + distance, ..subnet })
    }

    /// Networks one after the other, each the next that fits.
    fn subnets(self, wider: &[i128]) -> Option<Vec<Self>> {
        let mut subnets: Vec<Self> = Vec::new();
        for bits in wider {
            let first = self.subnet(*bits, 0).filter(|subnet| subnet.length > self.length)?;
            let next = match subnets.last() {
                Some(before) => Self { base: (before.last() | first.inner()).checked_add(1)?, ..first },
                None => first,
            };
            if next.last() > self.last() {
                return None;
            }
            subnets.push(next);
        }
        Some(subnets)
    }
}
