//! A skill as small as one can be, and a mirror for every type of WIT.

use exports::skillhost::hello::tools::{Everything, Greeting, Guest};
use skillhost_sdk::{File, ToolError, configuration, files, info};

skillhost_sdk::bindings!("hello");

struct Hello;

export!(Hello);

impl Guest for Hello {
    fn greet(name: String) -> Result<Greeting, ToolError> {
        let characters = count(&name)?;
        info!("greeting a name of {characters} characters");
        let salutation = configuration::get("salutation").unwrap_or_else(|| "Hello".to_owned());
        Ok(Greeting {
            message: format!("{salutation}, {name}!"),
            characters,
        })
    }

    fn greet_in_writing(name: String) -> Result<File, ToolError> {
        let greeting = Self::greet(name)?;
        Ok(files::put("greeting.txt", "text/plain", greeting.message.as_bytes())?)
    }

    fn read(file: File) -> Result<String, ToolError> {
        Ok(String::from_utf8(files::get(&file)?)?)
    }

    fn echo(value: Everything) -> Result<Everything, ToolError> {
        Ok(value)
    }

    fn not_a_number() -> Result<f64, ToolError> {
        Ok(f64::NAN)
    }
}

fn count(name: &str) -> Result<u32, ToolError> {
    match u32::try_from(name.chars().count()) {
        Ok(characters @ 1..=100) => Ok(characters),
        _ => Err(ToolError::invalid_argument("Give a `name` of 1 to 100 characters.").detail("field", "name")),
    }
}

#[cfg(test)]
mod tests;
