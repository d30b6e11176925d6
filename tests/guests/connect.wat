;; Breaks out, or would: makes sockets of each kind and family, and says how many it got.
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (type $f (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $family (eq $f)))
    (type $e (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
      "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type $error-code (eq $e)))))
  (alias export $network "ip-address-family" (type $family))
  (alias export $network "error-code" (type $error-code))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $tcp-socket))
  (import "wasi:sockets/udp@0.2.0" (instance $udp (export "udp-socket" (type (sub resource)))))
  (alias export $udp "udp-socket" (type $udp-socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $tcp-create
    (export "ip-address-family" (type $family' (eq $family)))
    (export "error-code" (type $error-code' (eq $error-code)))
    (export "tcp-socket" (type $socket (eq $tcp-socket)))
    (export "create-tcp-socket" (func (param "address-family" $family') (result (result (own $socket) (error $error-code')))))))
  (import "wasi:sockets/udp-create-socket@0.2.0" (instance $udp-create
    (export "ip-address-family" (type $family' (eq $family)))
    (export "error-code" (type $error-code' (eq $error-code)))
    (export "udp-socket" (type $socket (eq $udp-socket)))
    (export "create-udp-socket" (func (param "address-family" $family') (result (result (own $socket) (error $error-code')))))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $make-tcp (canon lower (func $tcp-create "create-tcp-socket") (memory $libc "memory")))
  (core func $make-udp (canon lower (func $udp-create "create-udp-socket") (memory $libc "memory")))
  (core module $m
    (import "" "tcp" (func $tcp (param i32 i32)))
    (import "" "udp" (func $udp (param i32 i32)))
    (import "" "memory" (memory 1))
    (func (export "run") (result i32) (local $got i32)
      (call $tcp (i32.const 0) (i32.const 0))
      (call $tcp (i32.const 1) (i32.const 8))
      (call $udp (i32.const 0) (i32.const 16))
      (call $udp (i32.const 1) (i32.const 24))
      (i32.add
        (i32.add (i32.eqz (i32.load8_u (i32.const 0))) (i32.eqz (i32.load8_u (i32.const 8))))
        (i32.add (i32.eqz (i32.load8_u (i32.const 16))) (i32.eqz (i32.load8_u (i32.const 24)))))))
  (core instance $i (instantiate $m (with "" (instance
    (export "tcp" (func $make-tcp)) (export "udp" (func $make-udp)) (export "memory" (memory $libc "memory"))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
