//! WIT values to JSON, for answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};
use wasmtime::component::Val;

use super::Signature;
use super::error::OutputError;
use super::types::{Cases, Field, Shape, Type};

/// The largest integer that every reader of JSON numbers keeps exactly: 2^53 - 1 (RFC 8259, section 6).
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// Writes one answer, of at most `limit` bytes of JSON text.
pub(super) fn document(ty: Option<&Type>, value: Option<&Val>, limit: usize) -> Result<Value, OutputError> {
    let mut writer = Writer { left: limit };
    writer.payload(ty, value)
}

struct Writer {
    /// Bytes of JSON text that the answer may still take.
    left: usize,
}

impl Writer {
    fn value(&mut self, ty: &Type, value: &Val) -> Result<Value, OutputError> {
        match (&ty.shape, value) {
            (Shape::Bool, Val::Bool(value)) => self.sized(5, Value::Bool(*value)),
            (Shape::Integer(_), _) => self.integer(value),
            (Shape::F32, Val::Float32(value)) => self.float(shortest(*value)),
            (Shape::F64, Val::Float64(value)) => self.float(*value),
            (Shape::Char, Val::Char(value)) => self.string(value.encode_utf8(&mut [0; 4])),
            (Shape::String, Val::String(text)) => self.string(text),
            (Shape::Bytes, Val::List(items)) => self.bytes(items),
            (Shape::List(item), Val::List(items)) => self.items(item, items),
            (Shape::Array(item, _), Val::FixedLengthList(items)) => self.items(item, items),
            (Shape::Object(ty), Val::Map(pairs)) => self.object(ty, pairs),
            (Shape::Pairs(key, ty), Val::Map(pairs)) => self.pairs(key, ty, pairs),
            (Shape::Tuple(types), Val::Tuple(items)) if types.len() == items.len() => {
                self.array(types.iter().zip(items).map(|(ty, item)| (&**ty, item)))
            }
            (Shape::Record(record), Val::Record(fields)) => self.record(&record.fields, fields),
            (Shape::Variant(cases), Val::Variant(name, payload)) => self.variant(cases, name, payload.as_deref()),
            (Shape::Enum(cases), Val::Enum(name)) => self.name(cases, name),
            (Shape::Flags(flags), Val::Flags(names)) => {
                self.spend(2 + names.len())?;
                names
                    .iter()
                    .map(|name| self.name(flags, name))
                    .collect::<Result<_, _>>()
                    .map(Value::Array)
            }
            (Shape::Option(_) | Shape::Wrapped(_), Val::Option(None)) => self.sized(4, Value::Null),
            (Shape::Option(inner), Val::Option(Some(value))) => self.value(inner, value),
            (Shape::Wrapped(inner), Val::Option(Some(value))) => self.only("some", Some(inner), Some(value)),
            (Shape::Result(ok, _), Val::Result(Ok(value))) => self.only("ok", ok.as_deref(), value.as_deref()),
            (Shape::Result(_, err), Val::Result(Err(value))) => self.only("err", err.as_deref(), value.as_deref()),
            _ => Err(OutputError::unexpected()),
        }
    }

    fn payload(&mut self, ty: Option<&Type>, value: Option<&Val>) -> Result<Value, OutputError> {
        match (ty, value) {
            (Some(ty), Some(value)) => self.value(ty, value),
            (None, None) => self.sized(4, Value::Null),
            _ => Err(OutputError::unexpected()),
        }
    }

    fn integer(&mut self, value: &Val) -> Result<Value, OutputError> {
        match *value {
            Val::U8(value) => self.unsigned(value.into()),
            Val::U16(value) => self.unsigned(value.into()),
            Val::U32(value) => self.unsigned(value.into()),
            Val::U64(value) => self.unsigned(value),
            Val::S8(value) => self.signed(value.into()),
            Val::S16(value) => self.signed(value.into()),
            Val::S32(value) => self.signed(value.into()),
            Val::S64(value) => self.signed(value),
            _ => Err(OutputError::unexpected()),
        }
    }

    fn unsigned(&mut self, value: u64) -> Result<Value, OutputError> {
        if value > MAX_SAFE {
            return self.string(&value.to_string());
        }
        self.sized(digits(value), value.into())
    }

    fn signed(&mut self, value: i64) -> Result<Value, OutputError> {
        if value.unsigned_abs() > MAX_SAFE {
            return self.string(&value.to_string());
        }
        self.sized(digits(value.unsigned_abs()) + 1, value.into())
    }

    fn float(&mut self, value: f64) -> Result<Value, OutputError> {
        let number = Number::from_f64(value).ok_or_else(OutputError::not_finite)?;
        self.sized(24, Value::Number(number))
    }

    fn bytes(&mut self, items: &[Val]) -> Result<Value, OutputError> {
        if items.len() > Signature::MAX_BYTES {
            return Err(OutputError::bytes_too_large());
        }
        let byte = |item: &Val| match item {
            Val::U8(byte) => Ok(*byte),
            _ => Err(OutputError::unexpected()),
        };
        let bytes: Vec<u8> = items.iter().map(byte).collect::<Result<_, _>>()?;
        let text = STANDARD.encode(bytes);
        self.sized(text.len() + 2, Value::String(text))
    }

    fn items(&mut self, ty: &Type, items: &[Val]) -> Result<Value, OutputError> {
        self.array(items.iter().map(|item| (ty, item)))
    }

    fn array<'a>(&mut self, items: impl ExactSizeIterator<Item = (&'a Type, &'a Val)>) -> Result<Value, OutputError> {
        // Brackets and commas; every item takes a byte at least, so that a list that is too long ends here.
        self.spend(2 + items.len())?;
        let mut array = Vec::with_capacity(items.len());
        for (index, (ty, item)) in items.enumerate() {
            array.push(self.value(ty, item).map_err(|error| error.under(index))?);
        }
        Ok(Value::Array(array))
    }

    fn object(&mut self, ty: &Type, pairs: &[(Val, Val)]) -> Result<Value, OutputError> {
        self.spend(2)?;
        let mut object = Map::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Val::String(key) = key else {
                return Err(OutputError::unexpected());
            };
            self.spend(quoted(key) + 2)?;
            let value = self.value(ty, value).map_err(|error| error.under(key))?;
            object.insert(key.clone(), value);
        }
        Ok(Value::Object(object))
    }

    fn pairs(&mut self, key: &Type, ty: &Type, pairs: &[(Val, Val)]) -> Result<Value, OutputError> {
        self.spend(2 + pairs.len())?;
        let mut array = Vec::with_capacity(pairs.len());
        for (index, (first, second)) in pairs.iter().enumerate() {
            let pair = self
                .array([(key, first), (ty, second)].into_iter())
                .map_err(|error| error.under(index))?;
            array.push(pair);
        }
        Ok(Value::Array(array))
    }

    fn record(&mut self, fields: &[Field], values: &[(String, Val)]) -> Result<Value, OutputError> {
        if fields.len() != values.len() {
            return Err(OutputError::unexpected());
        }
        self.spend(2)?;
        let mut object = Map::with_capacity(fields.len());
        for (field, (_, value)) in fields.iter().zip(values) {
            // An empty option is left out: less to read, and the schema does not require it.
            if !matches!(value, Val::Option(None)) {
                let name = &field.name.json;
                self.spend(name.len() + 4)?;
                let value = self.value(&field.ty, value).map_err(|error| error.under(name))?;
                object.insert(String::from(&**name), value);
            }
        }
        Ok(Value::Object(object))
    }

    fn variant(&mut self, cases: &Cases, name: &str, payload: Option<&Val>) -> Result<Value, OutputError> {
        let case = cases.by_wit(name).ok_or_else(OutputError::unexpected)?;
        self.spend(r#"{"tag":,"value":}"#.len())?;
        let mut object = Map::with_capacity(2);
        object.insert("tag".to_owned(), self.string(&case.name.json)?);
        if case.ty.is_some() || payload.is_some() {
            let value = self
                .payload(case.ty.as_deref(), payload)
                .map_err(|error| error.under("value"))?;
            object.insert("value".to_owned(), value);
        }
        Ok(Value::Object(object))
    }

    fn name(&mut self, cases: &Cases, name: &str) -> Result<Value, OutputError> {
        let case = cases.by_wit(name).ok_or_else(OutputError::unexpected)?;
        self.string(&case.name.json)
    }

    fn only(&mut self, name: &str, ty: Option<&Type>, value: Option<&Val>) -> Result<Value, OutputError> {
        self.spend(name.len() + 5)?;
        let value = self.payload(ty, value).map_err(|error| error.under(name))?;
        Ok(Value::Object(Map::from_iter([(name.to_owned(), value)])))
    }

    fn string(&mut self, text: &str) -> Result<Value, OutputError> {
        // Refused before it is copied.
        self.spend(quoted(text))?;
        Ok(Value::String(text.to_owned()))
    }

    fn sized(&mut self, bytes: usize, value: Value) -> Result<Value, OutputError> {
        self.spend(bytes)?;
        Ok(value)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), OutputError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(OutputError::too_large)?;
        Ok(())
    }
}

/// The `f64` that is written with as few digits as the `f32`: 0.1, not 0.10000000149011612.
fn shortest(value: f32) -> f64 {
    let exact = f64::from(value);
    if value.fract() == 0.0 || !value.is_finite() {
        return exact;
    }
    let written = format!("{value:e}").parse().unwrap_or(exact);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "asks whether the nearest f32 is the same one"
    )]
    let same = (written as f32).to_bits() == value.to_bits();
    if same { written } else { exact }
}

fn digits(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// The length of a text as a JSON string.
fn quoted(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | 8 | b'\t' | b'\n' | 12 | b'\r' => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    2 + text.bytes().map(escaped).sum::<usize>()
}
