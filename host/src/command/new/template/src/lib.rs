//! Greets somebody by name.

use exports::acme::greeter::tools::{Greeting, Guest};
use skillhost_sdk::{ToolError, info};

// Makes the types and traits of `wit/skill.wit`; a change there shows up here at the next build.
skillhost_sdk::bindings!("skill");

struct Skill;

export!(Skill);

impl Guest for Skill {
    fn greet(name: String) -> Result<Greeting, ToolError> {
        let characters = name.chars().count();
        if !(1..=100).contains(&characters) {
            return Err(ToolError::invalid_argument("Give a `name` of 1 to 100 characters.").detail("field", "name"));
        }
        info!("greeting a name of {characters} characters");
        Ok(Greeting {
            message: format!("Hello, {name}!"),
        })
    }
}

#[cfg(test)]
mod tests;
