//! `skillhost:skill/model`: questions to models. Each is a call, made when it is asked for.

mod ask;
mod told;

use gate::call::model::{Ask, ModelCall, ModelCallError, ModelReply};
use gate::{Action, Outcome, Reply};
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::import::bindings::model::{Completion, Embeddings, ModelError, Prompt, Texts};
use crate::run::LogLevel;
use crate::run::guest::Guest;

/// Links it by hand: a call needs the store, because the fuel that was used goes with it.
///
/// # Errors
/// Where it is linked already.
pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let mut interface = linker.instance("skillhost:skill/model@0.1.0")?;
    interface.func_wrap_async("complete", |mut store, (binding, prompt): (String, Prompt)| {
        Box::new(async move { Ok((complete(&mut store, binding, prompt).await?,)) })
    })?;
    interface.func_wrap_async("embed", |mut store, (binding, texts): (String, Texts)| {
        Box::new(async move { Ok((embed(&mut store, binding, texts).await?,)) })
    })
}

async fn complete(
    store: &mut StoreContextMut<'_, Guest>,
    binding: String,
    prompt: Prompt,
) -> Result<Result<Completion, ModelError>> {
    let asked = ask::prompt(prompt).map(|prompt| Ask::Complete(Box::new(prompt)));
    Ok(match call(store, binding, asked).await? {
        Ok(ModelReply::Completion(completion)) => told::completion(completion),
        Ok(ModelReply::Embeddings(_)) => Err(told::another_kind()),
        Err(error) => Err(error),
    })
}

async fn embed(
    store: &mut StoreContextMut<'_, Guest>,
    binding: String,
    texts: Texts,
) -> Result<Result<Embeddings, ModelError>> {
    Ok(match call(store, binding, Ok(ask::texts(texts))).await? {
        Ok(ModelReply::Embeddings(embeddings)) => told::embeddings(&embeddings),
        Ok(ModelReply::Completion(_)) => Err(told::another_kind()),
        Err(error) => Err(error),
    })
}

/// Makes the call, and moves the clock to its end.
async fn call(
    store: &mut StoreContextMut<'_, Guest>,
    binding: String,
    asked: Result<Ask, ModelCallError>,
) -> Result<Result<ModelReply, ModelError>> {
    let left = store.get_fuel()?;
    let guest = store.data_mut();
    let action = match asked.and_then(ModelCall::new) {
        Ok(call) => Action::Model(call),
        Err(error) => return Ok(Err(told::invalid(&error))),
    };
    if !guest.way_out.is_open() {
        return Ok(Err(told::no_way_out()));
    }
    let used = guest.limits.fuel.saturating_sub(left);
    let number = guest.way_out.number();
    let returned = guest.way_out.call(number, used, binding.clone(), action).await?;
    guest.clock.move_to(returned.at);
    let error = match returned.outcome {
        Outcome::Reply(Reply::Model(reply)) => return Ok(Ok(*reply)),
        Outcome::Reply(Reply::Http(_)) => told::another_kind(),
        Outcome::Refused(refusal) => told::refused(refusal),
        Outcome::Failed(failed) => told::failed(failed),
    };
    let line = format!("model \"{binding}\": {} [{}]", error.message, error.code);
    guest.logs.lock().push(LogLevel::Warn, &line);
    Ok(Err(error))
}
