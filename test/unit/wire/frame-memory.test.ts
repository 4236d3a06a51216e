import { describe, expect, test } from 'vitest'
import { FrameMemory } from '../../../src/wire/frame-memory.ts'

const kibibyte = 1024

describe('memory for frames', () => {
  test('is of the size asked for, and used again for frames of about that size', () => {
    const memory = new FrameMemory()
    const first = memory.take(17 * kibibyte)
    expect(first.length).toBe(17 * kibibyte)
    memory.giveBack(first)
    expect(memory.keptBytes).toBe(32 * kibibyte)
    const second = memory.take(32 * kibibyte)
    expect(second.buffer).toBe(first.buffer)
    expect(second.length).toBe(32 * kibibyte)
    expect(memory.keptBytes).toBe(0)
  })

  test('is never that of two frames at once', () => {
    const memory = new FrameMemory()
    const frames = Array.from({ length: 10 }, () => memory.take(20 * kibibyte))
    expect(new Set(frames.map(({ buffer }) => buffer)).size).toBe(10)
    for (const frame of frames) memory.giveBack(frame)
    const again = Array.from({ length: 11 }, () => memory.take(20 * kibibyte))
    expect(new Set(again.map(({ buffer }) => buffer)).size).toBe(11)
  })

  test('is not kept for small frames nor for very large ones', () => {
    const memory = new FrameMemory()
    for (const bytes of [1, 4 * kibibyte - 1, 2048 * kibibyte + 1]) {
      const frame = memory.take(bytes)
      expect(frame.length).toBe(bytes)
      memory.giveBack(frame)
    }
    expect(memory.keptBytes).toBe(0)
  })

  test('is kept up to a limit', () => {
    const memory = new FrameMemory()
    const frames = Array.from({ length: 8 }, () => memory.take(1024 * kibibyte))
    for (const frame of frames) memory.giveBack(frame)
    expect(memory.keptBytes).toBe(4096 * kibibyte)
  })
})
