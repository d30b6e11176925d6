//! `wasi:random`: the same bytes again for the same run.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use wasmtime::Result;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use crate::run::stop::Stopping;

/// Random bytes of one run: ChaCha20 (RFC 8439) under the run's seed. Each interface reads a stream of its own, so that
/// what a guest shows of the insecure ones says nothing about the secret bytes.
pub(crate) struct Random {
    seed: [u8; 32],
    secure: Option<Box<ChaCha20Rng>>,
    insecure: Option<Box<ChaCha20Rng>>,
}

/// The streams of one seed.
#[derive(Clone, Copy)]
enum Stream {
    Secure = 0,
    Insecure = 1,
    Seed = 2,
}

impl Random {
    pub(crate) const fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            secure: None,
            insecure: None,
        }
    }

    fn secure(&mut self) -> &mut ChaCha20Rng {
        self.secure.get_or_insert_with(|| open(self.seed, Stream::Secure))
    }

    fn insecure(&mut self) -> &mut ChaCha20Rng {
        self.insecure.get_or_insert_with(|| open(self.seed, Stream::Insecure))
    }
}

fn open(seed: [u8; 32], stream: Stream) -> Box<ChaCha20Rng> {
    let mut rng = ChaCha20Rng::from_seed(seed);
    rng.set_stream(stream as u64);
    Box::new(rng)
}

fn bytes(rng: &mut ChaCha20Rng, length: u64) -> Result<Vec<u8>> {
    if length > RunLimits::RANDOM {
        return Err(Stopping::Random.into());
    }
    let mut bytes = vec![0; usize::try_from(length)?];
    rng.fill_bytes(&mut bytes);
    Ok(bytes)
}

impl random::Host for Guest {
    fn get_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        bytes(self.random.secure(), length)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        Ok(self.random.secure().next_u64())
    }
}

impl insecure::Host for Guest {
    fn get_insecure_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        bytes(self.random.insecure(), length)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        Ok(self.random.insecure().next_u64())
    }
}

impl insecure_seed::Host for Guest {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        let mut rng = open(self.random.seed, Stream::Seed);
        Ok((rng.next_u64(), rng.next_u64()))
    }
}
