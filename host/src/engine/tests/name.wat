;; Answers the name of its run.
(component
  (import "skillhost:skill/run@0.1.0" (instance $run
    (export "id" (func (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $libc (instantiate $libc))
  (core func $id (canon lower (func $run "id") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "" "id" (func $id (param i32)))
    (func (export "run") (result i32)
      (call $id (i32.const 64))
      i32.const 64))
  (core instance $i (instantiate $m (with "" (instance (export "id" (func $id))))))
  (func (export "name") (result string)
    (canon lift (core func $i "run") (memory $libc "memory") (realloc (func $libc "realloc")))))
