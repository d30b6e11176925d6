;; Writes a mark all over its memory, its table and its global, and ends in several ways; or looks for marks.
(component
  (core module $m
    (memory 40)
    (table $t 64 funcref)
    (global $g (mut i64) (i64.const 0))
    (func $marked)
    (elem declare func $marked)
    (func (export "mark") (param $end i32) (result i32)
      (memory.fill (i32.const 0) (i32.const 171) (i32.const 2621440))
      (drop (memory.grow (i32.const 4)))
      (memory.fill (i32.const 2621440) (i32.const 171) (i32.const 262144))
      (table.set $t (i32.const 7) (ref.func $marked))
      (global.set $g (i64.const 171))
      (if (i32.eq (local.get $end) (i32.const 1)) (then unreachable))
      (if (i32.eq (local.get $end) (i32.const 2)) (then (loop $again (br $again))))
      i32.const 0)
    (func (export "look") (result i32) (local $at i32) (local $found i32)
      (drop (memory.grow (i32.const 4)))
      (loop $again
        (local.set $found (i32.add (local.get $found) (i64.ne (i64.load (local.get $at)) (i64.const 0))))
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 2883584))))
      (i32.add (local.get $found)
        (i32.add
          (i32.eqz (ref.is_null (table.get $t (i32.const 7))))
          (i64.ne (global.get $g) (i64.const 0))))))
  (core instance $i (instantiate $m))
  (func (export "mark") (param "end" u32) (result u32) (canon lift (core func $i "mark")))
  (func (export "look") (result u32) (canon lift (core func $i "look"))))
