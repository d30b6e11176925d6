;; Breaks the output: a text of 30 MiB, which is more than may be copied.
(component
  (core module $m
    (memory (export "memory") 500)
    (func (export "run") (result i32)
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 31457280))
      i32.const 0))
  (core instance $i (instantiate $m))
  (func (export "run") (result string) (canon lift (core func $i "run") (memory $i "memory"))))
