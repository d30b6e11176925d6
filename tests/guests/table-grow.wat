;; Breaks the memory by way of a table: ten million elements, then gives up.
(component
  (core module $m
    (table $t 1 funcref)
    (func (export "run") (result i32)
      (br_if 0 (i32.const 1) (i32.ne (table.grow $t (ref.null func) (i32.const 10000000)) (i32.const -1)))
      unreachable))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
