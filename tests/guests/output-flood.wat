;; Breaks the output: a text of 5 MiB, which is more than an answer may have.
(component
  (core module $m
    (memory (export "memory") 100)
    (func $start (memory.fill (i32.const 65536) (i32.const 120) (i32.const 5242880)))
    (start $start)
    (func (export "run") (result i32)
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 5242880))
      i32.const 0))
  (core instance $i (instantiate $m))
  (func (export "run") (result string) (canon lift (core func $i "run") (memory $i "memory"))))
