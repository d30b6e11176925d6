;; Breaks the logs: a thousand lines of 1 KiB. It is not stopped: what does not fit is counted.
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
    (func (export "run") (result i32) (local $left i32)
      (local.set $left (i32.const 1000))
      (loop $again
        (call $log (i32.const 2) (i32.const 0) (i32.const 1024))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      i32.const 1))
  (core instance $i (instantiate $m (with "" (instance (export "log" (func $log))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
