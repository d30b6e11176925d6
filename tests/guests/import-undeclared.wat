;; Breaks out, or would: imports what no host should give.
(component
  (import "wasi:http/incoming-handler@0.2.0" (instance $http
    (export "handle" (func (result u32)))))
  (core func $handle (canon lower (func $http "handle")))
  (core module $m
    (import "" "handle" (func $handle (result i32)))
    (func (export "run") (result i32) (call $handle)))
  (core instance $i (instantiate $m (with "" (instance (export "handle" (func $handle))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
