;; Breaks the types: a log line that is not UTF-8.
(component
  (import "skillhost:skill/logging@0.1.0" (instance $logging
    (type $level (enum "trace" "debug" "info" "warn" "error"))
    (export "level" (type $named (eq $level)))
    (export "log" (func (param "level" $named) (param "message" string)))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $log (canon lower (func $logging "log") (memory $libc "memory")))
  (core module $m
    (import "" "log" (func $log (param i32 i32 i32)))
    (import "" "memory" (memory 1))
    (data (i32.const 0) "\ff\fe\ff")
    (func (export "run") (result i32)
      (call $log (i32.const 2) (i32.const 0) (i32.const 3))
      i32.const 1))
  (core instance $i (instantiate $m (with "" (instance
    (export "log" (func $log)) (export "memory" (memory $libc "memory"))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
