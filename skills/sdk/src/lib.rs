//! What a skill written in Rust needs, thin: the bindings of `skillhost:skill`, errors that convert with `?`, files,
//! logging, settings and questions to models. The feature `http` brings calls over HTTP.
//!
//! A skill describes its tools in `wit/`, and says in `src/lib.rs`:
//!
//! ```text
//! skillhost_sdk::bindings!("greeter");
//!
//! struct Skill;
//!
//! impl exports::acme::greeter::tools::Guest for Skill {
//!     fn greet(name: String) -> Result<String, ToolError> {
//!         skillhost_sdk::info!("greeting {name}");
//!         Ok(format!("Hello, {name}!"))
//!     }
//! }
//!
//! export!(Skill);
//! ```
//!
//! `cargo test` runs the same code without a host: files are kept in memory, lines go to standard error, there are no
//! settings, models answer what the test says, and the run's name is all zeros.

mod bindings;
pub mod configuration;
mod error;
pub mod files;
#[cfg(feature = "http")]
pub mod http;
pub mod logging;
pub mod model;
pub mod run;

pub use bindings::skillhost::skill as interfaces;
pub use bindings::skillhost::skill::errors::ToolError;
pub use bindings::skillhost::skill::files::{File, FileError};
pub use wit_bindgen;

/// Generates the bindings of the world of this name from the skill's `wit` folder, sharing this crate's types.
///
/// The world must say `include skillhost:skill/skill@0.1.0;`. Brings `exports`, with a trait `Guest` for each
/// interface of tools, and the macro `export!` into the module where it stands.
#[macro_export]
macro_rules! bindings {
    ($world:literal) => {
        $crate::wit_bindgen::generate!({
            world: $world,
            path: "wit",
            runtime_path: "::skillhost_sdk::wit_bindgen::rt",
            bitflags_path: "::skillhost_sdk::wit_bindgen::rt::bitflags",
            with: {
                "skillhost:skill/configuration@0.1.0": ::skillhost_sdk::interfaces::configuration,
                "skillhost:skill/errors@0.1.0": ::skillhost_sdk::interfaces::errors,
                "skillhost:skill/files@0.1.0": ::skillhost_sdk::interfaces::files,
                "skillhost:skill/logging@0.1.0": ::skillhost_sdk::interfaces::logging,
                "skillhost:skill/model@0.1.0": ::skillhost_sdk::interfaces::model,
                "skillhost:skill/run@0.1.0": ::skillhost_sdk::interfaces::run,
            },
            additional_derives: [PartialEq],
            generate_all,
        });
    };
}

#[cfg(test)]
mod tests;
