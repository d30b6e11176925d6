//! Pictures and documents inside a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::call::model::Media;

use crate::dialect::Unfit;

/// The bytes as a `data:` URL (RFC 2397): nothing is fetched from elsewhere by the provider.
///
/// # Errors
/// [`Unfit`] where the bytes are not here.
pub(in crate::dialect) fn data_url(media: &Media) -> Result<String, Unfit> {
    let missing = || Unfit::new("files", "a picture or a file came without its bytes; send it whole");
    let bytes = media.content.bytes().ok_or_else(missing)?;
    Ok(format!("data:{};base64,{}", media.media_type, STANDARD.encode(bytes)))
}

/// The name of a document. OpenAI tells what it is by the ending, so one without a name gets one with an ending.
pub(in crate::dialect) fn file_name(media: &Media) -> String {
    if let Some(name) = media.name.as_deref().filter(|name| !name.is_empty()) {
        return name.to_owned();
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
    format!("file{ending}")
}
