;; LZ4 blocks. A block is a row of sequences: a token (high half: literals, low half: match length - 4), more
;; length bytes where a half is 15, the literals, the distance back to the match (u16), more length bytes.
;; The last sequence ends after its literals.
;;
;; Memory:
;;        0 .. 16383   hash table of the compressor: 8192 u16, the last position with that hash
;;    16384 .. 16639   for distances 1 .. 15 (row 0 is unused): the 16 lanes that repeat a pattern of that length
;;    16640 .. 16655   for distances 1 .. 15: the largest multiple of the distance in 16
;;    17408 ..         the caller's input, at least 64 bytes of anything, then the output with 64 bytes to spare.
;; Copies move 16 bytes at a time and may read or write up to 31 bytes too many: that is what the spare is for.
(module
  (memory (export "memory") 4)

  (func $fill_patterns (local $distance i32) (local $lane i32)
    (local.set $distance (i32.const 1))
    (loop $distances
      (local.set $lane (i32.const 0))
      (loop $lanes
        (i32.store8 offset=16384
          (i32.add (i32.shl (local.get $distance) (i32.const 4)) (local.get $lane))
          (i32.rem_u (local.get $lane) (local.get $distance)))
        (br_if $lanes (i32.lt_u (local.tee $lane (i32.add (local.get $lane) (i32.const 1))) (i32.const 16))))
      (i32.store8 offset=16640
        (local.get $distance)
        (i32.sub (i32.const 16) (i32.rem_u (i32.const 16) (local.get $distance))))
      (br_if $distances
        (i32.lt_u (local.tee $distance (i32.add (local.get $distance) (i32.const 1))) (i32.const 16)))))

  (start $fill_patterns)

  ;; Copies `size` bytes, rounded up to 16s, between places that do not overlap within 16 bytes.
  (func $copy (param $to i32) (param $from i32) (param $size i32) (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (loop $more
      (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $more (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end)))))

  ;; Writes what a length has beyond its half of the token: 255s and a last byte below 255. Returns the new end.
  (func $put_length (param $to i32) (param $rest i32) (result i32)
    (block $last
      (loop $more
        (br_if $last (i32.lt_u (local.get $rest) (i32.const 255)))
        (i32.store8 (local.get $to) (i32.const 255))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $rest (i32.sub (local.get $rest) (i32.const 255)))
        (br $more)))
    (i32.store8 (local.get $to) (local.get $rest))
    (i32.add (local.get $to) (i32.const 1)))

  ;; How many bytes from `a` on equal those from `b` on, up to `end`. May look past `end`: the answer is clamped.
  (func $common (param $a i32) (param $b i32) (param $end i32) (result i32)
    (local $start i32) (local $difference i64)
    (local.set $start (local.get $a))
    (block $unequal
      (loop $more
        (br_if $unequal
          (i64.ne
            (local.tee $difference (i64.xor (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b))))
            (i64.const 0)))
        (local.set $b (i32.add (local.get $b) (i32.const 8)))
        (br_if $more (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 8))) (local.get $end))))
      (return (i32.sub (local.get $end) (local.get $start))))
    (local.set $a
      (i32.add (local.get $a) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $difference)) (i64.const 3)))))
    (i32.sub
      (select (local.get $a) (local.get $end) (i32.lt_u (local.get $a) (local.get $end)))
      (local.get $start)))

  ;; Writes a token and its literals [from, from + size). The low half of the token stays 0. Returns the new end.
  (func $put_literals (param $to i32) (param $from i32) (param $size i32) (result i32)
    (if (i32.lt_u (local.get $size) (i32.const 15))
      (then
        (i32.store8 (local.get $to) (i32.shl (local.get $size) (i32.const 4)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from))))
      (else
        (i32.store8 (local.get $to) (i32.const 0xf0))
        (local.set $to
          (call $put_length (i32.add (local.get $to) (i32.const 1)) (i32.sub (local.get $size) (i32.const 15))))
        (call $copy (local.get $to) (local.get $from) (local.get $size))))
    (i32.add (local.get $to) (local.get $size)))

  ;; Compresses [from, from + size), at most 64 KiB so that positions and distances fit 16 bits, to `to`. Returns
  ;; the size of the result, which may exceed `size` by 1/255 and 16 bytes. Greedy: the first match found is
  ;; taken. A block ends with at least 5 literals, and no match starts in its last 12 bytes, as the format asks.
  (func (export "compress") (param $from i32) (param $size i32) (param $to i32) (result i32)
    (local $at i32) (local $match i32) (local $anchor i32) (local $out i32) (local $token i32)
    (local $word i32) (local $slot i32) (local $misses i32) (local $step i32) (local $length i32)
    (local $start_limit i32) (local $match_limit i32)
    (local.set $out (local.get $to))
    (local.set $anchor (local.get $from))
    (local.set $match_limit (i32.sub (i32.add (local.get $from) (local.get $size)) (i32.const 5)))
    (local.set $start_limit (i32.sub (local.get $match_limit) (i32.const 7)))
    (block $finish
      (br_if $finish (i32.lt_u (local.get $size) (i32.const 13)))
      ;; An empty slot reads as position 0, which is a candidate like any other: it is compared before use.
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 16384))
      (local.set $at (i32.add (local.get $from) (i32.const 1)))
      (loop $sequence
        ;; Search. After every 64 misses the step grows by one, so incompressible data is crossed quickly. It ends
        ;; where the next step would leave the area in which matches start.
        (local.set $misses (i32.const 64))
        (local.set $step (i32.const 1))
        (loop $search
          (br_if $finish
            (i32.gt_u (i32.add (local.get $at) (local.get $step)) (i32.add (local.get $start_limit) (i32.const 1))))
          (local.set $word (i32.load align=1 (local.get $at)))
          (local.set $slot
            (i32.shl
              (i32.shr_u (i32.mul (local.get $word) (i32.const 0x9e3779b1)) (i32.const 19))
              (i32.const 1)))
          (local.set $match (i32.add (local.get $from) (i32.load16_u (local.get $slot))))
          (i32.store16 (local.get $slot) (i32.sub (local.get $at) (local.get $from)))
          (if (i32.ne (i32.load align=1 (local.get $match)) (local.get $word))
            (then
              (local.set $at (i32.add (local.get $at) (local.get $step)))
              (local.set $step (i32.shr_u (local.get $misses) (i32.const 6)))
              (local.set $misses (i32.add (local.get $misses) (i32.const 1)))
              (br $search))))
        ;; The match may begin earlier than where it was found.
        (block $extended
          (loop $back
            (br_if $extended (i32.le_u (local.get $at) (local.get $anchor)))
            (br_if $extended (i32.le_u (local.get $match) (local.get $from)))
            (br_if $extended
              (i32.ne
                (i32.load8_u (i32.sub (local.get $at) (i32.const 1)))
                (i32.load8_u (i32.sub (local.get $match) (i32.const 1)))))
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (local.set $match (i32.sub (local.get $match) (i32.const 1)))
            (br $back)))
        (local.set $token (local.get $out))
        (local.set $out
          (call $put_literals (local.get $out) (local.get $anchor) (i32.sub (local.get $at) (local.get $anchor))))
        (loop $matched
          (i32.store16 align=1 (local.get $out) (i32.sub (local.get $at) (local.get $match)))
          (local.set $out (i32.add (local.get $out) (i32.const 2)))
          (local.set $length
            (call $common
              (i32.add (local.get $at) (i32.const 4))
              (i32.add (local.get $match) (i32.const 4))
              (local.get $match_limit)))
          (local.set $at (i32.add (i32.add (local.get $at) (local.get $length)) (i32.const 4)))
          (if (i32.lt_u (local.get $length) (i32.const 15))
            (then
              (i32.store8 (local.get $token) (i32.or (i32.load8_u (local.get $token)) (local.get $length))))
            (else
              (i32.store8 (local.get $token) (i32.or (i32.load8_u (local.get $token)) (i32.const 15)))
              (local.set $out (call $put_length (local.get $out) (i32.sub (local.get $length) (i32.const 15))))))
          (local.set $anchor (local.get $at))
          (br_if $finish (i32.gt_u (local.get $at) (local.get $start_limit)))
          ;; Remember one position inside the match, then see whether another match follows at once.
          (i32.store16
            (i32.shl
              (i32.shr_u
                (i32.mul (i32.load align=1 (i32.sub (local.get $at) (i32.const 2))) (i32.const 0x9e3779b1))
                (i32.const 19))
              (i32.const 1))
            (i32.sub (i32.sub (local.get $at) (i32.const 2)) (local.get $from)))
          (local.set $word (i32.load align=1 (local.get $at)))
          (local.set $slot
            (i32.shl
              (i32.shr_u (i32.mul (local.get $word) (i32.const 0x9e3779b1)) (i32.const 19))
              (i32.const 1)))
          (local.set $match (i32.add (local.get $from) (i32.load16_u (local.get $slot))))
          (i32.store16 (local.get $slot) (i32.sub (local.get $at) (local.get $from)))
          (if (i32.eq (i32.load align=1 (local.get $match)) (local.get $word))
            (then
              (local.set $token (local.get $out))
              (i32.store8 (local.get $token) (i32.const 0))
              (local.set $out (i32.add (local.get $out) (i32.const 1)))
              (br $matched))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $sequence)))
    (local.set $out
      (call $put_literals
        (local.get $out)
        (local.get $anchor)
        (i32.sub (i32.add (local.get $from) (local.get $size)) (local.get $anchor))))
    (i32.sub (local.get $out) (local.get $to)))

  ;; Decompresses the block [from, from + size) to `to`. Returns the size of the result, -1 when the block is
  ;; malformed, -2 when the result would exceed `max_size`. Nothing beyond `to + max_size + 31` is written.
  (func (export "decompress") (param $from i32) (param $size i32) (param $to i32) (param $max_size i32) (result i32)
    (local $at i32) (local $end i32) (local $out i32) (local $out_end i32)
    (local $token i32) (local $length i32) (local $byte i32) (local $distance i32)
    (local $stop i32) (local $step i32) (local $pattern v128)
    (local.set $at (local.get $from))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    (local.set $out (local.get $to))
    (local.set $out_end (i32.add (local.get $to) (local.get $max_size)))
    (block $overflow
      (block $malformed
        (loop $sequence
          (br_if $malformed (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $token (i32.load8_u (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $length (i32.shr_u (local.get $token) (i32.const 4)))
          (if (i32.eq (local.get $length) (i32.const 15))
            (then
              (loop $more
                (br_if $malformed (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $byte (i32.load8_u (local.get $at)))
                (local.set $length (i32.add (local.get $length) (local.get $byte)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
          (br_if $malformed (i32.gt_u (local.get $length) (i32.sub (local.get $end) (local.get $at))))
          (br_if $overflow (i32.gt_u (local.get $length) (i32.sub (local.get $out_end) (local.get $out))))
          (v128.store align=1 (local.get $out) (v128.load align=1 (local.get $at)))
          (if (i32.gt_u (local.get $length) (i32.const 16))
            (then
              (call $copy
                (i32.add (local.get $out) (i32.const 16))
                (i32.add (local.get $at) (i32.const 16))
                (i32.sub (local.get $length) (i32.const 16)))))
          (local.set $at (i32.add (local.get $at) (local.get $length)))
          (local.set $out (i32.add (local.get $out) (local.get $length)))
          (if (i32.eq (local.get $at) (local.get $end))
            (then (return (i32.sub (local.get $out) (local.get $to)))))
          ;; The distance: two whole bytes, not 0, not further back than the output goes.
          (br_if $malformed (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))
          (local.set $distance (i32.load16_u align=1 (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br_if $malformed
            (i32.ge_u
              (i32.sub (local.get $distance) (i32.const 1))
              (i32.sub (local.get $out) (local.get $to))))
          (local.set $length (i32.and (local.get $token) (i32.const 15)))
          (if (i32.eq (local.get $length) (i32.const 15))
            (then
              (loop $more
                (br_if $malformed (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $byte (i32.load8_u (local.get $at)))
                (local.set $length (i32.add (local.get $length) (local.get $byte)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
          (local.set $length (i32.add (local.get $length) (i32.const 4)))
          (br_if $overflow (i32.gt_u (local.get $length) (i32.sub (local.get $out_end) (local.get $out))))
          (local.set $stop (i32.add (local.get $out) (local.get $length)))
          (if (i32.ge_u (local.get $distance) (i32.const 16))
            (then
              (loop $copy_match
                (v128.store align=1
                  (local.get $out)
                  (v128.load align=1 (i32.sub (local.get $out) (local.get $distance))))
                (br_if $copy_match
                  (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $stop)))))
            (else
              ;; The match runs into its own output: it repeats the last `distance` bytes.
              (local.set $pattern
                (i8x16.swizzle
                  (v128.load align=1 (i32.sub (local.get $out) (local.get $distance)))
                  (v128.load offset=16384 align=1 (i32.shl (local.get $distance) (i32.const 4)))))
              (local.set $step (i32.load8_u offset=16640 (local.get $distance)))
              (loop $repeat
                (v128.store align=1 (local.get $out) (local.get $pattern))
                (br_if $repeat
                  (i32.lt_u (local.tee $out (i32.add (local.get $out) (local.get $step))) (local.get $stop))))))
          (local.set $out (local.get $stop))
          (br $sequence)))
      (return (i32.const -1)))
    (i32.const -2)))
