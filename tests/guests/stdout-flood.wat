;; Breaks the logs by way of standard output: 512 KiB of it. It is not stopped: what does not fit is counted.
(component
  (import "wasi:io/error@0.2.0" (instance $io (export "error" (type (sub resource)))))
  (alias export $io "error" (type $io-error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $stream (sub resource)))
    (export "error" (type $error (eq $io-error)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (export "output-stream" (type $of (eq $stream)))
    (export "get-stdout" (func (result (own $of))))))
  (core module $libc (memory (export "memory") 2))
  (core instance $libc (instantiate $libc))
  (core func $open (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $libc "memory")))
  (core module $m
    (import "" "open" (func $open (result i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (func (export "run") (result i32) (local $stream i32) (local $left i32)
      (local.set $stream (call $open))
      (local.set $left (i32.const 128))
      (loop $again
        (call $write (local.get $stream) (i32.const 1024) (i32.const 4096) (i32.const 0))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      i32.const 1))
  (core instance $i (instantiate $m (with "" (instance
    (export "open" (func $open)) (export "write" (func $write))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
