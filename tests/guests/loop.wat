;; Breaks the fuel, or the guest time: computes for ever.
(component
  (core module $m
    (func (export "run") (result i32) (loop $again (br $again)) unreachable))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
