;; Breaks the handles of one call: polls a list that names the same timer a million times.
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
  (core module $libc
    (memory (export "memory") 100)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $libc (instantiate $libc))
  (core func $list (canon lower (func $poll "poll") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "" "timer" (func $timer (param i64) (result i32)))
    (import "" "list" (func $list (param i32 i32 i32)))
    (import "" "memory" (memory 100))
    (func (export "run") (result i32) (local $at i32) (local $handle i32)
      (local.set $handle (call $timer (i64.const 0)))
      (local.set $at (i32.const 4194304))
      (loop $again
        (i32.store (i32.add (i32.const 65536) (local.tee $at (i32.sub (local.get $at) (i32.const 4)))) (local.get $handle))
        (br_if $again (local.get $at)))
      (call $list (i32.const 65536) (i32.const 1000000) (i32.const 0))
      i32.const 1))
  (core instance $i (instantiate $m (with "" (instance
    (export "timer" (func $timer))
    (export "list" (func $list))
    (export "memory" (memory $libc "memory"))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
