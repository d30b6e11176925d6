;; Breaks the deadline: sleeps until the end of time.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "pollable" (type $of (eq $pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $of))))))
  (core func $timer (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core module $m
    (import "" "timer" (func $timer (param i64) (result i32)))
    (import "" "block" (func $block (param i32)))
    (func (export "run") (result i32)
      (call $block (call $timer (i64.const -1)))
      i32.const 1))
  (core instance $i (instantiate $m (with "" (instance
    (export "timer" (func $timer))
    (export "block" (func $block))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
