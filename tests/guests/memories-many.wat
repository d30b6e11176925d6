;; Breaks the number of memories: five small ones.
(component
  (core module $m (memory 1))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core module $run (func (export "run") (result i32) i32.const 1))
  (core instance $i (instantiate $run))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
