;; Breaks the name of a file: one that climbs out of its folder.
(component
  (import "skillhost:skill/files@0.1.0" (instance $files
    (type $a (record (field "name" string) (field "media-type" string) (field "size" u64) (field "sha256" string)))
    (export "file" (type $file (eq $a)))
    (type $b (record (field "code" string) (field "message" string)))
    (export "file-error" (type $error (eq $b)))
    (export "put" (func (param "name" string) (param "media-type" string) (param "content" (list u8))
      (result (result $file (error $error)))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096))
  (core instance $libc (instantiate $libc))
  (core func $put (canon lower (func $files "put") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "" "put" (func $put (param i32 i32 i32 i32 i32 i32 i32)))
    (import "" "memory" (memory 1))
    (data (i32.const 0) "../../x")
    (data (i32.const 16) "text/plain")
    ;; Counts the files that were kept, until one is not; each has another name.
    (func (export "run") (result i32) (local $kept i32)
      (loop $again
        (i32.store8 (i32.const 0) (i32.add (i32.const 33) (i32.rem_u (local.get $kept) (i32.const 14))))
        (i32.store8 (i32.const 1) (i32.add (i32.const 97) (i32.div_u (local.get $kept) (i32.const 14))))
        (i32.store8 (i32.const 2) (i32.const 47))
        (call $put (i32.const 0) (i32.const 7) (i32.const 16) (i32.const 10) (i32.const 8192) (i32.const 1) (i32.const 64))
        (if (i32.eqz (i32.load8_u (i32.const 64)))
          (then
            (local.set $kept (i32.add (local.get $kept) (i32.const 1)))
            (br $again))))
      local.get $kept))
  (core instance $i (instantiate $m (with "" (instance
    (export "put" (func $put)) (export "memory" (memory $libc "memory"))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
