import { describe, expect, test } from 'vitest'
import { ResponseBuffers } from '../../../src/server/response-buffers.ts'

const mebibyte = 1024 * 1024

describe('memory for responses', () => {
  test('is used again once it was given back, whichever slice of it says so', () => {
    const buffers = new ResponseBuffers()
    const first = buffers.take(mebibyte - 100)
    expect(first.length).toBe(mebibyte - 100)
    buffers.giveBack(first.subarray(500_000, 600_000))
    expect(buffers.keptBytes).toBe(mebibyte)
    const second = buffers.take(mebibyte)
    expect(second.buffer).toBe(first.buffer)
    expect(second.length).toBe(mebibyte)
  })

  test('is never that of two at once, also when it is given back twice', () => {
    const buffers = new ResponseBuffers()
    const first = buffers.take(mebibyte)
    for (let time = 0; time < 3; time++) buffers.giveBack(first)
    expect(buffers.keptBytes).toBe(mebibyte)
    const taken = [1, 2, 3].map(() => buffers.take(mebibyte).buffer)
    expect(new Set(taken).size).toBe(3)
    expect(taken[0]).toBe(first.buffer)
  })

  test('is not made of what was never lent', () => {
    const buffers = new ResponseBuffers()
    // The last two share their memory with other buffers of the process.
    for (const stranger of [Buffer.alloc(mebibyte), buffers.take(100), Buffer.from('a header')])
      buffers.giveBack(stranger)
    expect(buffers.keptBytes).toBe(0)
  })

  test('is kept up to 32 MiB, none of it in pieces larger than 16', () => {
    const buffers = new ResponseBuffers()
    const taken = Array.from({ length: 50 }, () => buffers.take(mebibyte))
    const huge = buffers.take(16 * mebibyte + 1)
    for (const buffer of [huge, ...taken]) buffers.giveBack(buffer)
    expect(buffers.keptBytes).toBe(32 * mebibyte)
  })
})
