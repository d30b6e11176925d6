//! Uses `wasi:http` as bare bindings let it, well and badly.

mod bad;
mod client;
mod good;

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package guests:bound;
            world bound {
                import wasi:http/types@0.2.12;
                import wasi:http/outgoing-handler@0.2.12;
                import wasi:io/poll@0.2.12;
                import wasi:io/streams@0.2.12;
                import wasi:clocks/monotonic-clock@0.2.12;
                include guests:http/http@0.1.0;
            }
        ",
        path: ["../../../host/wit", "wit"],
        world: "guests:bound/bound",
        generate_all,
        pub_export_macro: true,
    });
}

struct Http;

bindings::export!(Http with_types_in bindings);

impl bindings::Guest for Http {
    fn write_before() -> String {
        good::write_before()
    }

    fn write_after() -> String {
        good::write_after()
    }

    fn write_most() -> String {
        good::write_most()
    }

    fn two() -> String {
        good::two()
    }

    fn race() -> String {
        good::race()
    }

    fn sleep() -> String {
        good::sleep()
    }

    fn dropped() -> String {
        good::dropped()
    }

    fn impatient() -> String {
        good::impatient()
    }

    fn splice() -> String {
        good::splice()
    }

    fn twice() -> String {
        good::twice()
    }

    fn many() -> String {
        good::many()
    }

    fn last_of_many() -> String {
        good::last_of_many()
    }

    fn thousand() -> String {
        bad::thousand()
    }

    fn write_more() -> String {
        bad::write_more()
    }

    fn hoard() -> String {
        bad::hoard()
    }

    fn hoard_replies() -> String {
        bad::hoard_replies()
    }

    fn large_headers() -> String {
        bad::large_headers()
    }

    fn hoard_headers() -> String {
        bad::hoard_headers()
    }

    fn unfinished() -> String {
        bad::unfinished()
    }

    fn dropped_body() -> String {
        bad::dropped_body()
    }

    fn wrong_length() -> String {
        bad::wrong_length()
    }

    fn trailers() -> String {
        bad::trailers()
    }

    fn headers() -> String {
        bad::headers()
    }

    fn no_requests() -> String {
        bad::no_requests()
    }

    fn no_binding() -> String {
        bad::no_binding()
    }

    fn failures() -> String {
        bad::failures()
    }

    fn serve() -> String {
        bad::serve()
    }
}
