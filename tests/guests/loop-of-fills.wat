;; Breaks the guest time: fills its memory again and again, which costs little fuel for much work.
(component
  (core module $m
    (memory 512)
    (func (export "run") (result i32)
      (loop $again
        (memory.fill (i32.const 0) (i32.const 7) (i32.const 33554432))
        (br $again))
      unreachable))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
