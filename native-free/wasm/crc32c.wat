;; CRC-32C (Castagnoli, reflected polynomial P = 0x82f63b78).
;;
;; Short input, and what is left of long input, is sliced by 16: sixteen tables answer for sixteen bytes at once, so
;; only one step in sixteen waits for the one before it.
;;
;; Long input is first folded, which takes no table at all. P divides the polynomial
;;     1 + y + y^12 + y^18 + y^58 + y^71 + y^75 + y^79,  where y = x^128, one step of 16 bytes
;; (found by search: no other with 8 terms is shorter), so y^79 is as good as the sum of the lower seven terms: a
;; word of 16 bytes may be cancelled by xoring it into the words 4, 8, 21, 61, 67, 78 and 79 places later. After
;; that only the last 79 words are left to be sliced, however long the input was.
;;
;; Memory, one page of 64 KiB that never grows:
;;        0 .. 16383   sixteen tables of 256 u32. table[k][b] = CRC of byte b followed by k zero bytes
;;    16384 .. 17647   the last 79 words while they are folded
;;    18192 .. 19455   79 words of zeros, never written: what precedes the input
;;    19456 .. 65535   the window: the caller copies input here, piece by piece
(module
  (memory (export "memory") 1 1)

  ;; Next state of one more byte: table[0][(crc ^ byte) & 255] ^ (crc >>> 8)
  (func $step (param $crc i32) (param $byte i32) (result i32)
    (i32.xor
      (i32.load (i32.shl (i32.and (i32.xor (local.get $crc) (local.get $byte)) (i32.const 255)) (i32.const 2)))
      (i32.shr_u (local.get $crc) (i32.const 8))))

  ;; Fills the tables, once, when the module is instantiated.
  (func $fill_tables
    (local $at i32) (local $crc i32) (local $bit i32)
    ;; table[0]: eight shifts per byte
    (loop $bytes
      (local.set $crc (i32.shr_u (local.get $at) (i32.const 2)))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 1))
            (i32.and (i32.const 0x82f63b78) (i32.sub (i32.const 0) (i32.and (local.get $crc) (i32.const 1))))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i32.store (local.get $at) (local.get $crc))
      (br_if $bytes (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 1024))))
    ;; table[k] = table[k - 1] followed by one zero byte more
    (loop $rest
      (i32.store
        (local.get $at)
        (call $step (i32.load (i32.sub (local.get $at) (i32.const 1024))) (i32.const 0)))
      (br_if $rest (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 16384)))))

  (start $fill_tables)

  ;; Carries the state over [at, at + size). The state is the CRC before its final complement.
  (func $slice (param $crc i32) (param $at i32) (param $size i32) (result i32)
    (local $end i32) (local $a i32)
    (local.set $end (i32.add (local.get $at) (i32.and (local.get $size) (i32.const -16))))
    (block $sliced
      (br_if $sliced (i32.eq (local.get $at) (local.get $end)))
      (loop $slice
        ;; The first four bytes meet the state and travel furthest (15 .. 12 bytes follow them); the other
        ;; twelve do not wait for it, so they come first and the processor overlaps the rounds.
        (local.set $a (i32.xor (local.get $crc) (i32.load (local.get $at))))
        (local.set $crc
          (i32.xor
            (i32.xor
              (i32.xor
                (i32.xor
                  (i32.xor
                    (i32.load offset=0x2c00 (i32.shl (i32.load8_u offset=4 (local.get $at)) (i32.const 2)))
                    (i32.load offset=0x2800 (i32.shl (i32.load8_u offset=5 (local.get $at)) (i32.const 2))))
                  (i32.xor
                    (i32.load offset=0x2400 (i32.shl (i32.load8_u offset=6 (local.get $at)) (i32.const 2)))
                    (i32.load offset=0x2000 (i32.shl (i32.load8_u offset=7 (local.get $at)) (i32.const 2)))))
                (i32.xor
                  (i32.xor
                    (i32.load offset=0x1c00 (i32.shl (i32.load8_u offset=8 (local.get $at)) (i32.const 2)))
                    (i32.load offset=0x1800 (i32.shl (i32.load8_u offset=9 (local.get $at)) (i32.const 2))))
                  (i32.xor
                    (i32.load offset=0x1400 (i32.shl (i32.load8_u offset=10 (local.get $at)) (i32.const 2)))
                    (i32.load offset=0x1000 (i32.shl (i32.load8_u offset=11 (local.get $at)) (i32.const 2))))))
              (i32.xor
                (i32.xor
                  (i32.load offset=0x0c00 (i32.shl (i32.load8_u offset=12 (local.get $at)) (i32.const 2)))
                  (i32.load offset=0x0800 (i32.shl (i32.load8_u offset=13 (local.get $at)) (i32.const 2))))
                (i32.xor
                  (i32.load offset=0x0400 (i32.shl (i32.load8_u offset=14 (local.get $at)) (i32.const 2)))
                  (i32.load offset=0x0000 (i32.shl (i32.load8_u offset=15 (local.get $at)) (i32.const 2))))))
            (i32.xor
              (i32.xor
                (i32.load offset=0x3c00 (i32.shl (i32.and (local.get $a) (i32.const 255)) (i32.const 2)))
                (i32.load offset=0x3800 (i32.and (i32.shr_u (local.get $a) (i32.const 6)) (i32.const 1020))))
              (i32.xor
                (i32.load offset=0x3400 (i32.and (i32.shr_u (local.get $a) (i32.const 14)) (i32.const 1020)))
                (i32.load offset=0x3000 (i32.and (i32.shr_u (local.get $a) (i32.const 22)) (i32.const 1020)))))))
        (br_if $slice
          (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))
    ;; The last zero to fifteen bytes, one by one.
    (local.set $end (i32.add (local.get $end) (i32.and (local.get $size) (i32.const 15))))
    (block $done
      (br_if $done (i32.eq (local.get $at) (local.get $end)))
      (loop $tail
        (local.set $crc (call $step (local.get $crc) (i32.load8_u (local.get $at))))
        (br_if $tail
          (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end)))))
    (local.get $crc))

  ;; Xors into each word of [at, end) the words that precede `history` by 4, 8, 21, 61, 67, 78 and 79 words.
  ;; `history` is the place of `at` in the input; both advance.
  (func $fold (param $at i32) (param $end i32) (param $history i32)
    (local.set $history (i32.sub (local.get $history) (i32.const 1264)))
    (loop $words
      (v128.store
        (local.get $at)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load (local.get $at)) (v128.load (local.get $history)))
            (v128.xor (v128.load offset=16 (local.get $history)) (v128.load offset=192 (local.get $history))))
          (v128.xor
            (v128.xor (v128.load offset=288 (local.get $history)) (v128.load offset=928 (local.get $history)))
            (v128.xor (v128.load offset=1136 (local.get $history)) (v128.load offset=1200 (local.get $history))))))
      (local.set $history (i32.add (local.get $history) (i32.const 16)))
      (br_if $words
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; Carries the state over the first `size` bytes of the window, which it uses up.
  (func (export "update") (param $crc i32) (param $size i32) (result i32)
    (local $last i32)
    (if (i32.lt_u (local.get $size) (i32.const 2048))
      (then (return (call $slice (local.get $crc) (i32.const 19456) (local.get $size)))))
    ;; A state is the same as its bytes xored into the first ones of the input.
    (i32.store (i32.const 19456) (i32.xor (local.get $crc) (i32.load (i32.const 19456))))
    ;; The words before the last 79 are folded in place. Then the last ones move away and leave zeros, because
    ;; they are folded into, but no longer folded away.
    (local.set $last (i32.add (i32.const 18192) (i32.and (local.get $size) (i32.const -16))))
    (call $fold (i32.const 19456) (local.get $last) (i32.const 19456))
    (memory.copy (i32.const 16384) (local.get $last) (i32.const 1264))
    (memory.fill (local.get $last) (i32.const 0) (i32.const 1264))
    (call $fold (i32.const 16384) (i32.const 17648) (local.get $last))
    (call $slice
      (call $slice (i32.const 0) (i32.const 16384) (i32.const 1264))
      (i32.add (local.get $last) (i32.const 1264))
      (i32.and (local.get $size) (i32.const 15)))))
