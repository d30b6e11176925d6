;; Breaks nothing: the run that proceeds beside all others.
(component
  (core module $m
    (func (export "run") (result i32) (local $left i32)
      (local.set $left (i32.const 1000000))
      (loop $again
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      i32.const 42))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
