;; Breaks the fuel: asks for the time for ever, as cheap as a call to the host can be.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $m
    (import "" "now" (func $now (result i64)))
    (func (export "run") (result i32)
      (loop $again (drop (call $now)) (br $again))
      unreachable))
  (core instance $i (instantiate $m (with "" (instance (export "now" (func $now))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
