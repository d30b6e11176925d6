;; Breaks out, or would: imports a function that the interface does not have.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-host-secrets" (func (result u32)))))
  (core func $secrets (canon lower (func $random "get-host-secrets")))
  (core module $m
    (import "" "secrets" (func $secrets (result i32)))
    (func (export "run") (result i32) (call $secrets)))
  (core instance $i (instantiate $m (with "" (instance (export "secrets" (func $secrets))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
