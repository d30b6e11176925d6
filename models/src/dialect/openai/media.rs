//! Pictures and documents inside a request.

use std::borrow::Cow;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use gate::call::model::Media;
use serde::{Serialize, Serializer};

use crate::dialect::Unfit;

/// Bytes as a `data:` URL (RFC 2397): nothing is fetched from elsewhere by the provider. It is written where it is sent,
/// and stands nowhere else.
pub(in crate::dialect) struct DataUrl<'a> {
    media_type: &'a str,
    bytes: &'a [u8],
}

impl<'a> DataUrl<'a> {
    /// The URL of a picture or a document.
    ///
    /// # Errors
    /// [`Unfit`] where the bytes are not here.
    pub(in crate::dialect) fn of(media: &'a Media) -> Result<Self, Unfit> {
        let missing = || Unfit::new("files", "a picture or a file came without its bytes; send it whole");
        Ok(Self {
            media_type: &media.media_type,
            bytes: media.content.bytes().ok_or_else(missing)?,
        })
    }
}

impl Serialize for DataUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let encoded = Base64Display::new(self.bytes, &STANDARD);
        serializer.collect_str(&format_args!("data:{};base64,{encoded}", self.media_type))
    }
}

/// The name of a document. OpenAI tells what it is by the ending, so one without a name gets one with an ending.
pub(in crate::dialect) fn file_name(media: &Media) -> Cow<'_, str> {
    if let Some(name) = media.name.as_deref().filter(|name| !name.is_empty()) {
        return name.into();
    }
    let ending = match media.media_type.as_str() {
        "application/pdf" => ".pdf",
        "application/json" => ".json",
        "text/csv" => ".csv",
        "text/html" => ".html",
        "text/markdown" => ".md",
        "text/plain" => ".txt",
        _ => "",
    };
    format!("file{ending}").into()
}
