(component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
      (func (export "length") (param i32 i32) (result i32) local.get 1))
    (core instance $i (instantiate $m))
    (func (export "length") (param "text" string) (result u32)
      (canon lift (core func $i "length") (memory $i "memory") (realloc (func $i "realloc")))))
  (component $caller
    (import "length" (func $length (param "text" string) (result u32)))
    (core module $libc
      (memory (export "memory") 1)
      (data (i32.const 0) "hello"))
    (core instance $libc (instantiate $libc))
    (core func $lowered (canon lower (func $length) (memory $libc "memory")))
    (core module $m
      (import "" "length" (func $length (param i32 i32) (result i32)))
      (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 5))))
    (core instance $i (instantiate $m (with "" (instance (export "length" (func $lowered))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $a (instantiate $callee))
  (instance $b (instantiate $caller (with "length" (func $a "length"))))
  (export "run" (func $b "run")))
