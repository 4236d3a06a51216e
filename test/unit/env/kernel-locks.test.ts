import { expect, test } from 'vitest'
import { fileKey, findLockOwner } from '../../../src/env/kernel-locks.ts'

const locks = `1: POSIX  ADVISORY  WRITE 4242 fd:01:131127 0 EOF
2: FLOCK  ADVISORY  WRITE 17 fd:01:77 0 EOF
2: -> FLOCK  ADVISORY  WRITE 18 fd:01:77 0 EOF
3: OFDLCK ADVISORY  WRITE -1 103:00:5 0 EOF
4: POSIX  ADVISORY  READ  99 00:2d:8 128 128
`

test('finds who has locked a file', () => {
  expect(findLockOwner(locks, 'fd:01:131127')).toBe(4242)
  expect(findLockOwner(locks, 'fd:01:77')).toBe(17)
  expect(findLockOwner(locks, '00:2d:8')).toBe(99)
})

test('finds nobody when the file is not locked, or by a process without a pid here', () => {
  expect(findLockOwner(locks, 'fd:01:7')).toBeUndefined()
  expect(findLockOwner(locks, '103:00:5')).toBeUndefined()
  expect(findLockOwner('', 'fd:01:77')).toBeUndefined()
})

test('spells devices as the kernel does', () => {
  expect(fileKey(0xfd01n, 131127n)).toBe('fd:01:131127')
  expect(fileKey(0x2dn, 8n)).toBe('00:2d:8')
  expect(fileKey(0x123_103_56n, 1n)).toBe('103:12356:1')
})
