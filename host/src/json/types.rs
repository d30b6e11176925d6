//! The types of one tool, flattened once from WIT, so that a call looks nothing up.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use registry::{Code, Error};
use wit_parser::{Docs, Param, Resolve, Type as WitType, TypeDef, TypeDefKind, TypeId, TypeOwner};

use super::Signature;

/// A type, with what its author says about it.
#[derive(Debug)]
pub(super) struct Type {
    /// What the WIT calls it, in snake_case; none for a type that is written in place.
    pub(super) name: Option<Box<str>>,
    pub(super) docs: Option<Box<str>>,
    pub(super) shape: Shape,
    /// How many levels of types are in it, itself included.
    height: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Bool,
    Integer(Integer),
    F32,
    F64,
    Char,
    String,
    /// `list<u8>`.
    Bytes,
    List(Arc<Type>),
    /// A list of this many items.
    Array(Arc<Type>, usize),
    /// Keys of strings: a JSON object.
    Object(Arc<Type>),
    /// Any other keys: an array of pairs.
    Pairs(Arc<Type>, Arc<Type>),
    Tuple(Arc<[Arc<Type>]>),
    Record(Arc<Record>),
    Variant(Arc<Cases>),
    Enum(Arc<Cases>),
    Flags(Arc<Cases>),
    Option(Arc<Type>),
    /// `option<option<T>>`: null says that the outer one is empty, so that what is in it needs a wrapper.
    Wrapped(Arc<Type>),
    Result(Option<Arc<Type>>, Option<Arc<Type>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integer {
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) fields: Box<[Field]>,
    /// It is `skillhost:skill/files.file`: as an argument it names content that the run needs.
    pub(super) file: bool,
}

/// A field of a record, or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) docs: Option<Box<str>>,
    pub(super) ty: Arc<Type>,
}

/// A case of a variant or enum, or a flag.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: Name,
    pub(super) docs: Option<Box<str>>,
    pub(super) ty: Option<Arc<Type>>,
}

/// A name as WIT spells it and as JSON does. WIT names hold no underscore, so different names stay different.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) wit: Box<str>,
    pub(super) json: Box<str>,
}

/// Cases that are found by name in logarithmic time, because a skill decides how many there are.
#[derive(Debug)]
pub(super) struct Cases {
    list: Box<[Case]>,
    /// Indices into `list` in the order of the names in JSON.
    sorted: Box<[usize]>,
}

/// Reads types out of a `Resolve`, each named type once: types share parts, and a tree of copies could grow without end.
pub(super) struct Flatten<'a> {
    resolve: &'a Resolve,
    tool: &'a str,
    known: HashMap<TypeId, Arc<Type>>,
    met_file: bool,
}

impl Integer {
    /// The smallest and the largest value.
    pub(super) const fn range(self) -> (i64, u64) {
        match self {
            Self::U8 => (0, u8::MAX as u64),
            Self::U16 => (0, u16::MAX as u64),
            Self::U32 => (0, u32::MAX as u64),
            Self::U64 => (0, u64::MAX),
            Self::S8 => (i8::MIN as i64, i8::MAX as u64),
            Self::S16 => (i16::MIN as i64, i16::MAX as u64),
            Self::S32 => (i32::MIN as i64, i32::MAX as u64),
            Self::S64 => (i64::MIN, i64::MAX as u64),
        }
    }

    /// It has values that a JSON number does not carry safely (RFC 8259, section 6), so that strings are used too.
    pub(super) const fn wide(self) -> bool {
        matches!(self, Self::U64 | Self::S64)
    }
}

impl Name {
    fn new(wit: &str) -> Self {
        Self {
            wit: wit.into(),
            json: snake(wit),
        }
    }
}

impl Cases {
    fn new(list: Box<[Case]>) -> Self {
        let mut sorted: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(index, case)| (&case.name.json, index))
            .collect();
        sorted.sort();
        let sorted = sorted.into_iter().map(|(_, index)| index).collect();
        Self { list, sorted }
    }

    /// In the order of the WIT.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Case> {
        self.list.iter()
    }

    /// By the name in JSON.
    pub(super) fn by_json(&self, name: &str) -> Option<&Case> {
        self.find(|case| (*case.json).cmp(name))
    }

    /// By the name in WIT.
    pub(super) fn by_wit(&self, name: &str) -> Option<&Case> {
        let wanted = || name.bytes().map(|byte| if byte == b'-' { b'_' } else { byte });
        self.find(|case| case.json.bytes().cmp(wanted()))
    }

    fn find(&self, compare: impl Fn(&Name) -> Ordering) -> Option<&Case> {
        let case = |index: &usize| self.list.get(*index);
        let at = self
            .sorted
            .binary_search_by(|index| case(index).map_or(Ordering::Less, |case| compare(&case.name)));
        self.sorted.get(at.ok()?).and_then(case)
    }
}

impl<'a> Flatten<'a> {
    pub(super) fn new(resolve: &'a Resolve, tool: &'a str) -> Self {
        Self {
            resolve,
            tool,
            known: HashMap::new(),
            met_file: false,
        }
    }

    /// Whether a file was among the types so far.
    pub(super) const fn met_file(&self) -> bool {
        self.met_file
    }

    pub(super) fn parameters(&mut self, parameters: &[Param]) -> Result<Box<[Field]>, Error> {
        let field = |parameter: &Param| self.field(&parameter.name, &Docs::default(), parameter.ty, 1);
        parameters.iter().map(field).collect()
    }

    pub(super) fn optional(&mut self, ty: Option<WitType>) -> Result<Option<Arc<Type>>, Error> {
        self.payload(ty, 1)
    }

    /// The two sides of a type that is a `result`, under whatever name.
    pub(super) fn result(&self, ty: &WitType) -> Option<(Option<WitType>, Option<WitType>)> {
        let mut ty = *ty;
        while let WitType::Id(id) = ty {
            match &self.resolve.types.get(id)?.kind {
                TypeDefKind::Result(result) => return Some((result.ok, result.err)),
                TypeDefKind::Type(aliased) => ty = *aliased,
                _ => return None,
            }
        }
        None
    }

    fn payload(&mut self, ty: Option<WitType>, depth: usize) -> Result<Option<Arc<Type>>, Error> {
        ty.map(|ty| self.ty(ty, depth)).transpose()
    }

    fn field(&mut self, name: &str, docs: &Docs, ty: WitType, depth: usize) -> Result<Field, Error> {
        Ok(Field {
            name: Name::new(name),
            docs: text(docs),
            ty: self.ty(ty, depth)?,
        })
    }

    fn ty(&mut self, ty: WitType, depth: usize) -> Result<Arc<Type>, Error> {
        if depth > Signature::MAX_DEPTH {
            return Err(self.too_deep());
        }
        let shape = match ty {
            WitType::Bool => Shape::Bool,
            WitType::U8 => Shape::Integer(Integer::U8),
            WitType::U16 => Shape::Integer(Integer::U16),
            WitType::U32 => Shape::Integer(Integer::U32),
            WitType::U64 => Shape::Integer(Integer::U64),
            WitType::S8 => Shape::Integer(Integer::S8),
            WitType::S16 => Shape::Integer(Integer::S16),
            WitType::S32 => Shape::Integer(Integer::S32),
            WitType::S64 => Shape::Integer(Integer::S64),
            WitType::F32 => Shape::F32,
            WitType::F64 => Shape::F64,
            WitType::Char => Shape::Char,
            WitType::String => Shape::String,
            WitType::ErrorContext => return Err(self.unsupported("error-context")),
            WitType::Id(id) => return self.named(id, depth),
        };
        Ok(Arc::new(Type::plain(shape)))
    }

    fn named(&mut self, id: TypeId, depth: usize) -> Result<Arc<Type>, Error> {
        if let Some(known) = self.known.get(&id) {
            // It was checked where it was met first; here it may lie deeper.
            if depth + known.height > Signature::MAX_DEPTH + 1 {
                return Err(self.too_deep());
            }
            return Ok(Arc::clone(known));
        }
        let resolve = self.resolve;
        let definition = resolve.types.get(id).ok_or_else(|| self.unsupported("unknown type"))?;
        let ty = self.definition(definition, depth)?;
        self.known.insert(id, Arc::clone(&ty));
        Ok(ty)
    }

    fn definition(&mut self, definition: &TypeDef, depth: usize) -> Result<Arc<Type>, Error> {
        let docs = text(&definition.docs);
        let name = definition.name.as_deref().map(snake);
        if let TypeDefKind::Type(aliased) = definition.kind {
            let ty = self.ty(aliased, depth)?;
            // An alias without words of its own, such as `use` makes, is the type itself.
            return Ok(if docs.is_none() {
                ty
            } else {
                Arc::new(ty.renamed(name, docs))
            });
        }
        let shape = self.shape(definition, depth + 1)?;
        Ok(Arc::new(Type {
            name,
            docs,
            height: shape.height() + 1,
            shape,
        }))
    }

    fn shape(&mut self, definition: &TypeDef, depth: usize) -> Result<Shape, Error> {
        Ok(match &definition.kind {
            TypeDefKind::Record(record) => {
                let field = |field: &wit_parser::Field| self.field(&field.name, &field.docs, field.ty, depth);
                let fields = record.fields.iter().map(field).collect::<Result<_, _>>()?;
                let file = self.is_file(definition);
                self.met_file |= file;
                Shape::Record(Arc::new(Record { fields, file }))
            }
            TypeDefKind::Tuple(tuple) => Shape::Tuple(
                tuple
                    .types
                    .iter()
                    .map(|ty| self.ty(*ty, depth))
                    .collect::<Result<_, _>>()?,
            ),
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| {
                    let ty = self.payload(case.ty, depth)?;
                    Ok(Case {
                        name: Name::new(&case.name),
                        docs: text(&case.docs),
                        ty,
                    })
                });
                Shape::Variant(Arc::new(Cases::new(cases.collect::<Result<_, Error>>()?)))
            }
            TypeDefKind::Enum(cases) => Shape::Enum(names(cases.cases.iter().map(|case| (&case.name, &case.docs)))),
            TypeDefKind::Flags(flags) => Shape::Flags(names(flags.flags.iter().map(|flag| (&flag.name, &flag.docs)))),
            TypeDefKind::Option(inner) => {
                let inner = self.ty(*inner, depth)?;
                match inner.shape {
                    Shape::Option(_) | Shape::Wrapped(_) => Shape::Wrapped(inner),
                    _ => Shape::Option(inner),
                }
            }
            TypeDefKind::Result(result) => {
                Shape::Result(self.payload(result.ok, depth)?, self.payload(result.err, depth)?)
            }
            TypeDefKind::List(item) => {
                let item = self.ty(*item, depth)?;
                match item.shape {
                    Shape::Integer(Integer::U8) => Shape::Bytes,
                    _ => Shape::List(item),
                }
            }
            TypeDefKind::FixedLengthList(item, length) => {
                let length = usize::try_from(*length).map_err(|_| self.unsupported("list of that length"))?;
                Shape::Array(self.ty(*item, depth)?, length)
            }
            TypeDefKind::Map(key, value) => {
                let (key, value) = (self.ty(*key, depth)?, self.ty(*value, depth)?);
                match key.shape {
                    Shape::String => Shape::Object(value),
                    _ => Shape::Pairs(key, value),
                }
            }
            kind => return Err(self.unsupported(kind.as_str())),
        })
    }

    /// Whether this is the host's own record of a file, known by where it is defined: another record of the same shape
    /// names nothing.
    fn is_file(&self, definition: &TypeDef) -> bool {
        let TypeOwner::Interface(id) = definition.owner else {
            return false;
        };
        let interface = self.resolve.interfaces.get(id);
        let package = interface
            .and_then(|interface| interface.package)
            .and_then(|package| self.resolve.packages.get(package))
            .is_some_and(|package| package.name.namespace == "skillhost" && package.name.name == "skill");
        package
            && interface.and_then(|interface| interface.name.as_deref()) == Some("files")
            && definition.name.as_deref() == Some("file")
    }

    fn unsupported(&self, what: &str) -> Error {
        let tool = self.tool;
        let told =
            format!("the tool `{tool}` uses a {what}, which has no JSON: use records, lists and numbers instead");
        Error::new(Code::ToolInvalid, told)
    }

    fn too_deep(&self) -> Error {
        let (tool, most) = (self.tool, Signature::MAX_DEPTH);
        Error::new(
            Code::ToolInvalid,
            format!("the types of the tool `{tool}` nest deeper than {most} levels: flatten them"),
        )
    }
}

impl Type {
    const fn plain(shape: Shape) -> Self {
        Self {
            name: None,
            docs: None,
            shape,
            height: 1,
        }
    }

    /// The same type under a name and words of its own.
    fn renamed(&self, name: Option<Box<str>>, docs: Option<Box<str>>) -> Self {
        Self {
            name,
            docs,
            shape: self.shape.clone(),
            height: self.height,
        }
    }

    /// The types that it is made of, in the order of the WIT.
    pub(super) fn parts(&self) -> Vec<&Arc<Type>> {
        self.shape.parts()
    }

    /// A field of this type may be left out.
    pub(super) const fn is_option(&self) -> bool {
        matches!(self.shape, Shape::Option(_) | Shape::Wrapped(_))
    }
}

impl Shape {
    fn parts(&self) -> Vec<&Arc<Type>> {
        match self {
            Self::List(item) | Self::Array(item, _) | Self::Object(item) | Self::Option(item) | Self::Wrapped(item) => {
                vec![item]
            }
            Self::Pairs(key, value) => vec![key, value],
            Self::Tuple(items) => items.iter().collect(),
            Self::Record(record) => record.fields.iter().map(|field| &field.ty).collect(),
            Self::Variant(cases) => cases.iter().filter_map(|case| case.ty.as_ref()).collect(),
            Self::Result(ok, err) => ok.iter().chain(err).collect(),
            _ => Vec::new(),
        }
    }

    fn height(&self) -> usize {
        self.parts().iter().map(|part| part.height).max().unwrap_or(0)
    }
}

fn names<'a>(cases: impl Iterator<Item = (&'a String, &'a Docs)>) -> Arc<Cases> {
    let case = |(name, docs): (&String, &Docs)| Case {
        name: Name::new(name),
        docs: text(docs),
        ty: None,
    };
    Arc::new(Cases::new(cases.map(case).collect()))
}

fn snake(wit: &str) -> Box<str> {
    wit.replace('-', "_").into()
}

fn text(docs: &Docs) -> Option<Box<str>> {
    let text = docs.contents.as_deref()?.trim();
    (!text.is_empty()).then(|| text.into())
}
