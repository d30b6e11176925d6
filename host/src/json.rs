//! JSON for WIT values: what agents write and read, and what a component takes and answers.
//!
//! A [`Signature`] is compiled once from a tool's WIT. Names in kebab-case become snake_case; an `option` is a missing or
//! null field; a `result` at the top is its value, or the tool's error.

mod error;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod types;
mod write;

use std::sync::Arc;

use registry::{Digest, Error, Interface, Tool};
use serde_json::Value;
use wasmtime::component::Val;
use wit_parser::{Function, Resolve};

pub use error::{InputError, OutputError};
use schema::Direction;
use types::{Field, Flatten, Type};

pub(crate) use write::MAX_SAFE;

/// The types of one tool, ready to be used for every call of it.
#[derive(Clone, Debug)]
pub struct Signature {
    parameters: Box<[Field]>,
    takes_files: bool,
    returns: Returns,
}

/// Arguments that fit the tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments {
    /// One value for each parameter, in their order.
    pub values: Vec<Val>,
    /// The content of every `skillhost:skill/files.file` in them, sorted, each once: the run needs these files.
    pub files: Vec<Digest>,
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Its value; null where the function has none.
    Value(Value),
    /// The error of its `result`.
    ToolError(Value),
}

#[derive(Clone, Debug)]
enum Returns {
    Plain(Option<Arc<Type>>),
    Result(Option<Arc<Type>>, Option<Arc<Type>>),
}

impl Signature {
    /// The largest JSON text of an answer, in bytes; a float counts as the longest, 24.
    pub const MAX_OUTPUT: usize = 4 << 20;

    /// The largest `list<u8>` as an argument or in an answer, in bytes; more is a file.
    pub const MAX_BYTES: usize = 64 << 10;

    /// The most memory that the arguments of one call may unfold to, in bytes: a list of records whose fields are all
    /// optional is three bytes of JSON for each record.
    pub const MAX_UNFOLDED: usize = 64 << 20;

    /// How deep types may nest: the JSON of a level is at most two levels deep, and readers of JSON take 64 or more.
    pub const MAX_DEPTH: usize = 32;

    /// The types of a tool.
    ///
    /// # Errors
    /// `tool-invalid` where a type has no JSON (resources, streams, futures) or nests deeper than [`Self::MAX_DEPTH`].
    pub fn new(interface: &Interface, tool: &Tool) -> Result<Self, Error> {
        Self::of(interface.resolve(), tool.function())
    }

    fn of(resolve: &Resolve, function: &Function) -> Result<Self, Error> {
        let mut flatten = Flatten::new(resolve, &function.name);
        let parameters = flatten.parameters(&function.params)?;
        let takes_files = flatten.met_file();
        let returns = match &function.result {
            None => Returns::Plain(None),
            Some(result) => match flatten.result(result) {
                Some((ok, err)) => Returns::Result(flatten.optional(ok)?, flatten.optional(err)?),
                None => Returns::Plain(flatten.optional(Some(*result))?),
            },
        };
        Ok(Self {
            parameters,
            takes_files,
            returns,
        })
    }

    /// Whether arguments may name files; where they may not, [`Arguments::files`] is always empty.
    pub const fn takes_files(&self) -> bool {
        self.takes_files
    }

    /// The schema of the arguments: an object with a property for each parameter (JSON Schema 2020-12).
    pub fn input_schema(&self) -> Value {
        schema::object(&self.parameters)
    }

    /// The schema of the value (JSON Schema 2020-12).
    pub fn output_schema(&self) -> Value {
        match &self.returns {
            Returns::Plain(value) | Returns::Result(value, _) => schema::document(value.as_ref(), Direction::Output),
        }
    }

    /// The schema of the tool's own error; none where it cannot fail (JSON Schema 2020-12).
    pub fn error_schema(&self) -> Option<Value> {
        match &self.returns {
            Returns::Plain(_) => None,
            Returns::Result(_, error) => Some(schema::document(error.as_ref(), Direction::Output)),
        }
    }

    /// Reads the arguments of a call. Nothing is guessed: a field that the tool does not have is refused.
    ///
    /// # Errors
    /// Where in the arguments the first thing is that does not fit, and what would.
    pub fn arguments(&self, arguments: &Value) -> Result<Arguments, InputError> {
        read::arguments(&self.parameters, arguments)
    }

    /// Writes what the function returned.
    ///
    /// # Errors
    /// What JSON cannot say, or what is larger than the limits of this type.
    pub fn answer(&self, results: &[Val]) -> Result<Answer, OutputError> {
        let write = |ty, value| write::document(ty, value, Self::MAX_OUTPUT);
        match (&self.returns, results) {
            (Returns::Plain(None), []) => Ok(Answer::Value(Value::Null)),
            (Returns::Plain(Some(ty)), [value]) => write(Some(&**ty), Some(value)).map(Answer::Value),
            (Returns::Result(ok, _), [Val::Result(Ok(value))]) => {
                write(ok.as_deref(), value.as_deref()).map(Answer::Value)
            }
            (Returns::Result(_, err), [Val::Result(Err(error))]) => {
                write(err.as_deref(), error.as_deref()).map(Answer::ToolError)
            }
            _ => Err(OutputError::unexpected()),
        }
    }
}
