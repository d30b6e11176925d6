;; Answers one setting.
(component
  (import "skillhost:skill/configuration@0.1.0" (instance $configuration
    (export "get" (func (param "key" string) (result (option string))))))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 16) "tone")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $libc (instantiate $libc))
  (core func $get (canon lower (func $configuration "get")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "" "get" (func $get (param i32 i32 i32)))
    (func (export "run") (result i32)
      (call $get (i32.const 16) (i32.const 4) (i32.const 64))
      i32.const 64))
  (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
  (func (export "tone") (result (option string))
    (canon lift (core func $i "run") (memory $libc "memory") (realloc (func $libc "realloc")))))
