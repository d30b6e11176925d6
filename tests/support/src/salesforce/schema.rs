//! The objects and fields that every instance has, read from `schema.json`.

use std::sync::LazyLock;

use serde::Deserialize;

/// Every instance has the same.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::read);

/// All objects.
pub(super) struct Schema {
    objects: Vec<Object>,
}

/// One kind of record.
#[derive(Clone, Deserialize)]
pub(super) struct Object {
    pub(super) name: String,
    /// Missing where it is the name.
    label: Option<String>,
    pub(super) plural: String,
    /// The first three characters of the ids of its records.
    pub(super) prefix: String,
    /// Nobody creates, changes or deletes such records.
    #[serde(default)]
    pub(super) read_only: bool,
    pub(super) fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) name: String,
    /// Missing where it is the name.
    label: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// In characters; 0 where the kind has none.
    #[serde(default)]
    pub(super) length: usize,
    /// Digits altogether; 0 where the kind has none.
    #[serde(default)]
    pub(super) precision: usize,
    /// Digits after the point.
    #[serde(default)]
    pub(super) scale: usize,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) unique: bool,
    #[serde(default)]
    pub(super) external_id: bool,
    #[serde(default)]
    read_only: bool,
    /// Other values than those listed are refused.
    #[serde(default)]
    pub(super) restricted: bool,
    #[serde(default)]
    pub(super) values: Vec<String>,
    /// The object that a reference leads to.
    pub(super) reference_to: Option<String>,
    /// What stands before the point in a path through this reference.
    pub(super) relationship: Option<String>,
    /// What the other object calls the records that refer to it so.
    pub(super) children: Option<String>,
    /// The fields that this one is put together from.
    #[serde(default)]
    pub(super) joins: Vec<String>,
}

/// What kind of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Id,
    Reference,
    String,
    Textarea,
    Email,
    Phone,
    Url,
    Picklist,
    Multipicklist,
    Boolean,
    Int,
    Double,
    Currency,
    Percent,
    Date,
    Datetime,
}

impl Kind {
    /// As `describe` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference => "reference",
            Self::String => "string",
            Self::Textarea => "textarea",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Picklist => "picklist",
            Self::Multipicklist => "multipicklist",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Double => "double",
            Self::Currency => "currency",
            Self::Percent => "percent",
            Self::Date => "date",
            Self::Datetime => "datetime",
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Currency | Self::Percent)
    }

    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::Reference)
    }

    pub(super) fn is_text(self) -> bool {
        !self.is_number() && !matches!(self, Self::Boolean | Self::Date | Self::Datetime)
    }
}

impl Schema {
    #[expect(
        clippy::expect_used,
        reason = "the file is part of the program, and every test reads it"
    )]
    fn read() -> Self {
        #[derive(Deserialize)]
        struct Text {
            system: Vec<Field>,
            objects: Vec<Object>,
        }
        let text: Text = serde_json::from_str(include_str!("schema.json")).expect("schema.json is well formed");
        let mut objects = text.objects;
        for object in &mut objects {
            let own = std::mem::replace(&mut object.fields, text.system.clone());
            object.fields.extend(own);
        }
        Self { objects }
    }

    pub(super) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The object of this name, in any case.
    pub(super) fn object(&self, name: &str) -> Option<&Object> {
        self.objects
            .iter()
            .find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// The object whose records have such ids.
    pub(super) fn of_id(&self, id: &str) -> Option<&Object> {
        self.objects.iter().find(|object| id.starts_with(&object.prefix))
    }

    /// The objects and fields that refer to this object, with what it calls them.
    pub(super) fn children<'a>(
        &'a self,
        parent: &'a Object,
    ) -> impl Iterator<Item = (&'a Object, &'a Field, &'a str)> + 'a {
        let pairs = self
            .objects
            .iter()
            .flat_map(|child| child.fields.iter().map(move |field| (child, field)));
        pairs.filter_map(|(child, field)| {
            let leads_here = field.reference_to.as_deref() == Some(parent.name.as_str());
            field
                .children
                .as_deref()
                .filter(|_| leads_here)
                .map(|name| (child, field, name))
        })
    }
}

impl Object {
    pub(super) fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// The field of this name, in any case.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The reference that this name leads through.
    pub(super) fn relationship(&self, name: &str) -> Option<&Field> {
        let named = |field: &&Field| {
            field
                .relationship
                .as_deref()
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.fields.iter().find(named)
    }
}

impl Field {
    pub(super) fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    pub(super) fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// A person or program may write it.
    pub(super) fn is_writable(&self) -> bool {
        !self.read_only && self.joins.is_empty()
    }

    /// A query may compare and sort by it.
    pub(super) fn is_filterable(&self) -> bool {
        self.kind != Kind::Textarea
    }
}
