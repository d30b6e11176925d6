//! Names and ids that agents give, checked before they become part of a path or a body.

use std::fmt;

use skillhost_sdk::ToolError;

/// A name as Salesforce has them: letters, digits and underscores, at most 80.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

/// The id of a record: 15 or 18 letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id(String);

/// Names with points between them, such as `Owner.Name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(String);

impl Name {
    /// Checks the name of an object.
    pub(crate) fn object(text: &str) -> Result<Self, ToolError> {
        Self::read(text).ok_or_else(|| {
            let message = format!("`{text}` is no object: give its name, such as `Account` or `Invoice__c`.");
            ToolError::invalid_argument(message).detail("field", "object")
        })
    }

    /// Checks the name of a field.
    pub(crate) fn field(text: &str) -> Result<Self, ToolError> {
        Self::read(text).ok_or_else(|| {
            let message = format!("`{text}` is no field: give its name, such as `Name` or `Amount__c`.");
            ToolError::invalid_argument(message).detail("field", "fields")
        })
    }

    /// None where it is no name.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        (plain && begins && text.len() <= 80).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Id {
    /// Checks an id. Anything else could name another resource than a record.
    pub(crate) fn read(text: &str) -> Result<Self, ToolError> {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric());
        if plain && matches!(text.len(), 15 | 18) {
            return Ok(Self(text.to_owned()));
        }
        let message = format!("`{text}` is no id: give 15 or 18 letters and digits, as `Id` of a record has them.");
        Err(ToolError::invalid_argument(message).detail("field", "id"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Path {
    /// Checks the name of a field, perhaps through references.
    pub(crate) fn read(text: &str) -> Result<Self, ToolError> {
        if text.split('.').all(|part| Name::read(part).is_some()) {
            return Ok(Self(text.to_owned()));
        }
        let message = format!("`{text}` is no field: give its name, such as `Name` or `Owner.Name`.");
        Err(ToolError::invalid_argument(message).detail("field", "fields"))
    }

    /// Several with commas between them, as the parameter `fields` takes them.
    pub(crate) fn list(texts: &[String]) -> Result<String, ToolError> {
        if texts.is_empty() {
            let message = "Name at least one field, or leave `fields` out.";
            return Err(ToolError::invalid_argument(message).detail("field", "fields"));
        }
        let paths: Vec<_> = texts.iter().map(|text| Self::read(text)).collect::<Result<_, _>>()?;
        Ok(paths.iter().map(|path| path.0.as_str()).collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
