//! Uses HTTP as programs on `wstd` do.

use futures_lite::future::{or, zip};
use wstd::http::{Body, Client, Request};
use wstd::runtime::block_on;
use wstd::task::sleep;
use wstd::time::{Duration, Instant};

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "wstd", pub_export_macro: true });
}

struct Guest;

bindings::export!(Guest with_types_in bindings);

impl bindings::Guest for Guest {
    fn get() -> String {
        block_on(fetch("https://echo/get?q=1"))
    }

    fn post() -> String {
        block_on(async {
            let request = Request::post("https://echo.example/post")
                .header("content-type", "text/plain")
                .body(Body::from("posted".repeat(20_000)))
                .unwrap();
            answer(request).await
        })
    }

    fn both() -> String {
        let (one, other) = block_on(zip(fetch("https://echo/one"), fetch("https://echo/other")));
        format!("{one}; {other}")
    }

    fn timeout() -> String {
        block_on(async {
            let began = Instant::now();
            let heard = or(fetch("https://echo/timeout"), async {
                sleep(Duration::from_millis(50)).await;
                "gave up".to_owned()
            });
            let heard = heard.await;
            format!("{heard} after {} ms", began.elapsed().as_millis())
        })
    }
}

async fn fetch(url: &str) -> String {
    answer(Request::get(url).body(Body::empty()).unwrap()).await
}

async fn answer(request: Request<Body>) -> String {
    match Client::new().send(request).await {
        Ok(mut response) => {
            let status = response.status().as_u16();
            let text = response.body_mut().str_contents().await.unwrap();
            format!("{status} {text}")
        }
        Err(error) => format!("{error:?}"),
    }
}
