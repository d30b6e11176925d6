//! JSON to WIT values, for arguments.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::Digest;
use serde_json::{Map, Number, Value};
use wasmtime::component::Val;

use super::error::InputError;
use super::types::{Case, Cases, Field, Integer, Record, Shape, Type};
use super::{Arguments, Signature};

/// What the upload endpoint answers beside the fields of a file; it is passed on without harm and says nothing.
pub(super) const HREF: &str = "href";

/// The field of a file that names its content.
pub(super) const SHA256: &str = "sha256";

/// The base64 text of as many bytes as are allowed.
pub(super) const MAX_BASE64: usize = Signature::MAX_BYTES.div_ceil(3) * 4;

/// Reads the arguments of one call.
pub(super) fn arguments(parameters: &[Field], arguments: &Value) -> Result<Arguments, InputError> {
    let Value::Object(object) = arguments else {
        return Err(InputError::new(format!("must be an object, not {}", kind(arguments))));
    };
    let mut reader = Reader {
        left: Signature::MAX_UNFOLDED,
        files: Vec::new(),
    };
    let mut values = Vec::with_capacity(parameters.len());
    reader.fields(parameters, object, None, |_, value| values.push(value))?;
    let mut files = reader.files;
    files.sort_unstable();
    files.dedup();
    Ok(Arguments { values, files })
}

struct Reader {
    /// Memory that the values may still take, in bytes.
    left: usize,
    files: Vec<Digest>,
}

impl Reader {
    fn value(&mut self, ty: &Type, json: &Value) -> Result<Val, InputError> {
        self.spend(size_of::<Val>())?;
        match (&ty.shape, json) {
            (Shape::Bool, Value::Bool(value)) => Ok(Val::Bool(*value)),
            (Shape::Integer(integer), _) => integer_of(*integer, json),
            (Shape::F32, Value::Number(number)) => f32_of(number).map(Val::Float32),
            (Shape::F64, Value::Number(number)) => number.as_f64().map(Val::Float64).ok_or_else(|| wrong(ty, json)),
            (Shape::Char, Value::String(text)) => char_of(text).map(Val::Char).ok_or_else(|| wrong(ty, json)),
            (Shape::String, Value::String(text)) => self.string(text).map(Val::String),
            (Shape::Bytes, Value::String(text)) => self.bytes(text),
            (Shape::List(item), Value::Array(items)) => self.items(item, items).map(Val::List),
            (Shape::Array(item, length), Value::Array(items)) if items.len() == *length => {
                self.items(item, items).map(Val::FixedLengthList)
            }
            (Shape::Object(value), Value::Object(object)) => self.object(value, object),
            (Shape::Pairs(key, value), Value::Array(pairs)) => self.pairs(key, value, pairs),
            (Shape::Tuple(types), Value::Array(items)) if items.len() == types.len() => self.tuple(types, items),
            (Shape::Record(record), Value::Object(object)) => self.record(record, object),
            (Shape::Variant(cases), Value::Object(object)) => self.variant(cases, object),
            (Shape::Enum(cases), Value::String(name)) => {
                let case = cases.by_json(name).ok_or_else(|| wrong(ty, json))?;
                self.string(&case.name.wit).map(Val::Enum)
            }
            (Shape::Flags(flags), Value::Array(names)) => self.flags(flags, names),
            (Shape::Option(_) | Shape::Wrapped(_), Value::Null) => Ok(Val::Option(None)),
            (Shape::Option(inner), json) => Ok(Val::Option(Some(self.boxed(inner, json)?))),
            (Shape::Wrapped(inner), Value::Object(object)) => {
                let (_, json) = only(object, &["some"]).ok_or_else(|| wrong(ty, json))?;
                let value = self.boxed(inner, json).map_err(|error| error.under("some"))?;
                Ok(Val::Option(Some(value)))
            }
            (Shape::Result(ok, err), Value::Object(object)) => {
                let (side, json) = only(object, &["ok", "err"]).ok_or_else(|| wrong(ty, json))?;
                let payload = if side == "ok" { ok } else { err };
                let payload = self
                    .payload(payload.as_deref(), json)
                    .map_err(|error| error.under(side))?;
                Ok(Val::Result(if side == "ok" { Ok(payload) } else { Err(payload) }))
            }
            _ => Err(wrong(ty, json)),
        }
    }

    fn boxed(&mut self, ty: &Type, json: &Value) -> Result<Box<Val>, InputError> {
        self.value(ty, json).map(Box::new)
    }

    fn payload(&mut self, ty: Option<&Type>, json: &Value) -> Result<Option<Box<Val>>, InputError> {
        match (ty, json) {
            (Some(ty), _) => self.boxed(ty, json).map(Some),
            (None, Value::Null) => Ok(None),
            (None, _) => Err(InputError::new(format!("must be null, not {}", kind(json)))),
        }
    }

    fn items(&mut self, ty: &Type, items: &[Value]) -> Result<Vec<Val>, InputError> {
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            values.push(self.value(ty, item).map_err(|error| error.under(index))?);
        }
        Ok(values)
    }

    fn tuple(&mut self, types: &[Arc<Type>], items: &[Value]) -> Result<Val, InputError> {
        let mut values = Vec::with_capacity(items.len());
        for (index, (ty, item)) in types.iter().zip(items).enumerate() {
            values.push(self.value(ty, item).map_err(|error| error.under(index))?);
        }
        Ok(Val::Tuple(values))
    }

    fn object(&mut self, ty: &Type, object: &Map<String, Value>) -> Result<Val, InputError> {
        let mut pairs = Vec::with_capacity(object.len());
        for (key, json) in object {
            let value = self.value(ty, json).map_err(|error| error.under(key))?;
            pairs.push((Val::String(self.string(key)?), value));
        }
        Ok(Val::Map(pairs))
    }

    fn pairs(&mut self, key: &Type, value: &Type, items: &[Value]) -> Result<Val, InputError> {
        let mut pairs = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let pair = match item.as_array().map(Vec::as_slice) {
                Some([first, second]) => self
                    .value(key, first)
                    .map_err(|error| error.under(0))
                    .and_then(|first| Ok((first, self.value(value, second).map_err(|error| error.under(1))?))),
                _ => Err(InputError::new("must be an array of a key and a value")),
            };
            pairs.push(pair.map_err(|error| error.under(index))?);
        }
        Ok(Val::Map(pairs))
    }

    fn record(&mut self, record: &Record, object: &Map<String, Value>) -> Result<Val, InputError> {
        let mut fields = Vec::with_capacity(record.fields.len());
        let ignored = record.file.then_some(HREF);
        self.spend(
            record
                .fields
                .iter()
                .map(|field| size_of::<String>() + field.name.wit.len())
                .sum(),
        )?;
        self.fields(&record.fields, object, ignored, |field, value| {
            fields.push((String::from(&*field.name.wit), value));
        })?;
        if record.file {
            let digits = object.get(SHA256).and_then(Value::as_str).unwrap_or_default();
            let digest = Digest::from_hex(digits)
                .map_err(|_| InputError::new("must be 64 lower-case hexadecimal digits").under(SHA256))?;
            self.files.push(digest);
        }
        Ok(Val::Record(fields))
    }

    /// Hands over the value of each field, in their order, and refuses what is not a field.
    fn fields(
        &mut self,
        fields: &[Field],
        object: &Map<String, Value>,
        ignored: Option<&str>,
        mut take: impl FnMut(&Field, Val),
    ) -> Result<(), InputError> {
        let mut known = ignored.map_or(0, |ignored| usize::from(object.contains_key(ignored)));
        for field in fields {
            let value = match object.get(&*field.name.json) {
                Some(json) => {
                    known += 1;
                    self.value(&field.ty, json)
                        .map_err(|error| error.under(&field.name.json))?
                }
                None => {
                    self.spend(size_of::<Val>())?;
                    absent(field)?
                }
            };
            take(field, value);
        }
        if known < object.len() {
            return Err(unknown(object, ignored, fields.iter().map(|field| &*field.name.json)));
        }
        Ok(())
    }

    fn variant(&mut self, cases: &Cases, object: &Map<String, Value>) -> Result<Val, InputError> {
        let case = tag(cases, object)?;
        let payload = match (&case.ty, object.get("value")) {
            (Some(ty), Some(json)) => Some(self.boxed(ty, json).map_err(|error| error.under("value"))?),
            (Some(ty), None) if ty.is_option() => Some(Box::new(Val::Option(None))),
            (Some(ty), None) => return Err(missing(ty).under("value")),
            (None, Some(_)) => return Err(InputError::new("must be left out: this case has no value").under("value")),
            (None, None) => None,
        };
        if object.len() > 1 + usize::from(object.contains_key("value")) {
            return Err(unknown(object, None, ["tag", "value"].into_iter()));
        }
        Ok(Val::Variant(self.string(&case.name.wit)?, payload))
    }

    fn flags(&mut self, flags: &Cases, names: &[Value]) -> Result<Val, InputError> {
        let mut set: Vec<String> = Vec::new();
        for (index, json) in names.iter().enumerate() {
            let flag = json.as_str().and_then(|name| flags.by_json(name));
            let Some(flag) = flag else {
                return Err(InputError::new(format!("must be {}", one_of(flags))).under(index));
            };
            if set.iter().any(|name| **name == *flag.name.wit) {
                return Err(InputError::new("is in the array twice").under(index));
            }
            set.push(self.string(&flag.name.wit)?);
        }
        Ok(Val::Flags(set))
    }

    fn bytes(&mut self, text: &str) -> Result<Val, InputError> {
        let too_large = || InputError::new("has more than 64 KiB: upload it, where the tool takes a file");
        if text.len() > MAX_BASE64 {
            return Err(too_large());
        }
        let bytes = STANDARD
            .decode(text)
            .map_err(|_| InputError::new("must be base64 with padding (RFC 4648, section 4)"))?;
        if bytes.len() > Signature::MAX_BYTES {
            return Err(too_large());
        }
        self.spend(bytes.len() * size_of::<Val>())?;
        Ok(Val::List(bytes.into_iter().map(Val::U8).collect()))
    }

    fn string(&mut self, text: &str) -> Result<String, InputError> {
        self.spend(text.len())?;
        Ok(text.to_owned())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), InputError> {
        let most = Signature::MAX_UNFOLDED >> 20;
        let too_much = || InputError::new(format!("unfolds to more than {most} MiB in memory: send less at once"));
        self.left = self.left.checked_sub(bytes).ok_or_else(too_much)?;
        Ok(())
    }
}

fn integer_of(integer: Integer, json: &Value) -> Result<Val, InputError> {
    let value = match json {
        Value::Number(number) => whole(number),
        Value::String(text) if integer.wide() => decimal(text),
        _ => None,
    };
    let value = value.and_then(|value| match integer {
        Integer::U8 => value.try_into().ok().map(Val::U8),
        Integer::U16 => value.try_into().ok().map(Val::U16),
        Integer::U32 => value.try_into().ok().map(Val::U32),
        Integer::U64 => value.try_into().ok().map(Val::U64),
        Integer::S8 => value.try_into().ok().map(Val::S8),
        Integer::S16 => value.try_into().ok().map(Val::S16),
        Integer::S32 => value.try_into().ok().map(Val::S32),
        Integer::S64 => value.try_into().ok().map(Val::S64),
    });
    value.ok_or_else(|| InputError::new(format!("must be {}, not {}", range(integer), kind(json))))
}

/// The value of a number without a fraction: `1.0` and `1e3` are integers to JSON Schema, too.
fn whole(number: &Number) -> Option<i128> {
    if let Some(value) = number.as_u64() {
        return Some(value.into());
    }
    if let Some(value) = number.as_i64() {
        return Some(value.into());
    }
    let value = number.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "every whole number of at most 2^64 fits, and is exact"
    )]
    let whole = (value.fract() == 0.0 && value.abs() <= TWO_TO_64).then_some(value as i128);
    whole
}

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// The one way to write an integer: no plus, no zeros in front, no minus zero.
fn decimal(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = match digits.as_bytes() {
        [b'0'] => text == "0",
        [b'1'..=b'9', rest @ ..] => rest.len() < 20 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { text.parse().ok() } else { None }
}

fn f32_of(number: &Number) -> Result<f32, InputError> {
    let value = number.as_f64().filter(|value| value.abs() <= f64::from(f32::MAX));
    #[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what is asked for")]
    let value = value.map(|value| value as f32);
    value.ok_or_else(|| InputError::new(format!("must be from {:e} to {:e}, not {number}", f32::MIN, f32::MAX)))
}

fn char_of(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The only entry of an object, if it goes by one of these names.
fn only<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<(&'a str, &'a Value)> {
    let (name, json) = object.iter().next()?;
    (object.len() == 1 && names.contains(&name.as_str())).then_some((name, json))
}

fn tag<'a>(cases: &'a Cases, object: &Map<String, Value>) -> Result<&'a Case, InputError> {
    let Some(json) = object.get("tag") else {
        return Err(InputError::new(format!("is missing: it must be {}", one_of(cases))).under("tag"));
    };
    let case = json.as_str().and_then(|name| cases.by_json(name));
    case.ok_or_else(|| InputError::new(format!("must be {}", one_of(cases))).under("tag"))
}

fn absent(field: &Field) -> Result<Val, InputError> {
    if field.ty.is_option() {
        return Ok(Val::Option(None));
    }
    Err(missing(&field.ty).under(&field.name.json))
}

#[cold]
fn missing(ty: &Type) -> InputError {
    InputError::new(format!("is missing: it must be {}", expected(ty)))
}

#[cold]
fn wrong(ty: &Type, json: &Value) -> InputError {
    InputError::new(format!("must be {}, not {}", expected(ty), kind(json)))
}

#[cold]
fn unknown<'a>(object: &Map<String, Value>, ignored: Option<&str>, names: impl Iterator<Item = &'a str>) -> InputError {
    let names: Vec<&str> = names.collect();
    let key = object
        .keys()
        .find(|key| ignored != Some(key) && !names.contains(&key.as_str()));
    let known = match names.as_slice() {
        [] => "there are no fields here".to_owned(),
        names => format!("the fields are {}", listed(names.iter().copied())),
    };
    InputError::new(format!("is not known: {known}")).under(key.map_or("", String::as_str))
}

/// What a value of this type looks like.
fn expected(ty: &Type) -> String {
    match &ty.shape {
        Shape::Bool => "true or false".to_owned(),
        Shape::Integer(integer) => range(*integer),
        Shape::F32 | Shape::F64 => "a number".to_owned(),
        Shape::Char => "a string of one character".to_owned(),
        Shape::String => "a string".to_owned(),
        Shape::Bytes => "a string of base64".to_owned(),
        Shape::List(_) => "an array".to_owned(),
        Shape::Array(_, length) => format!("an array of {length} items"),
        Shape::Tuple(types) => format!("an array of {} items", types.len()),
        Shape::Object(_) | Shape::Record(_) => "an object".to_owned(),
        Shape::Pairs(..) => "an array of pairs".to_owned(),
        Shape::Variant(_) => "an object with `tag`".to_owned(),
        Shape::Enum(cases) => one_of(cases),
        Shape::Flags(flags) => format!(
            "an array of names out of {}",
            listed(flags.iter().map(|flag| &*flag.name.json))
        ),
        Shape::Option(inner) => format!("{} or null", expected(inner)),
        Shape::Wrapped(_) => "an object with only `some`, or null".to_owned(),
        Shape::Result(..) => "an object with only `ok` or `err`".to_owned(),
    }
}

fn range(integer: Integer) -> String {
    let (min, max) = integer.range();
    let how = if integer.wide() {
        ", as a number or a decimal string"
    } else {
        ""
    };
    format!("an integer from {min} to {max}{how}")
}

fn one_of(cases: &Cases) -> String {
    format!("one of {}", listed(cases.iter().map(|case| &*case.name.json)))
}

/// The first names of a list that may be long.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 16;
    let mut quoted: Vec<_> = names.take(SHOWN + 1).map(|name| format!("`{name}`")).collect();
    if let Some(last) = quoted.get_mut(SHOWN) {
        "…".clone_into(last);
    }
    quoted.join(", ")
}

/// What was found instead. Texts are not repeated: they may be long, or secret.
fn kind(json: &Value) -> String {
    match json {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => "this string".to_owned(),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}
