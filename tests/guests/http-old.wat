;; Imports the oldest wasi:http 0.2, as components do that were built long ago: two header lists and a request.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:http/types@0.2.0" (instance $types
    (export "fields" (type $fields (sub resource)))
    (export "outgoing-request" (type $request (sub resource)))
    (export "future-incoming-response" (type $future (sub resource)))
    (export "pollable" (type $of (eq $pollable)))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-request" (func (param "headers" (own $fields)) (result (own $request))))
    (export "[method]future-incoming-response.subscribe" (func (param "self" (borrow $future)) (result (own $of))))))
  (core func $fields (canon lower (func $types "[constructor]fields")))
  (core func $request (canon lower (func $types "[constructor]outgoing-request")))
  (core module $m
    (import "" "fields" (func $fields (result i32)))
    (import "" "request" (func $request (param i32) (result i32)))
    (func (export "run") (result i32)
      (drop (call $fields))
      (call $request (call $fields))))
  (core instance $i (instantiate $m (with "" (instance
    (export "fields" (func $fields))
    (export "request" (func $request))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
