//! Requests by OpenAI's schemas, and recorded answers.

mod answer;
mod request;
