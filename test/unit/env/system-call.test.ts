import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { patientCall, pooledCall, systemCall } from '../../../src/env/system-call.ts'
import { systemError, systemErrorCode } from '../../../src/env/system-error.ts'

/** A call that fails with these codes, one after the other, and then succeeds. */
function failing(...codes: string[]): () => string {
  return () => {
    const code = codes.shift()
    if (code !== undefined) throw systemError(code, 'read')
    return 'done'
  }
}

const always = (code: string): string[] => Array.from({ length: 1000 }, () => code)

describe('interrupted calls', () => {
  test('are repeated', async () => {
    expect(systemCall(failing('EINTR', 'EINTR'))).toBe('done')
    const call = failing('EINTR', 'EINTR')
    const answer = pooledCall<string>((done) => {
      try {
        done(null, call())
      } catch (error) {
        done(error instanceof Error ? error : null, '')
      }
    })
    expect(await answer).toBe('done')
  })

  test('but not for ever', async () => {
    expect(() => systemCall(failing(...always('EINTR')))).toThrow('EINTR')
    const interrupted = pooledCall<void>((done) => done(systemError('EINTR', 'read')))
    await expect(interrupted).rejects.toThrow('EINTR')
  })

  test('other failures are not repeated', async () => {
    expect(() => systemCall(failing('EIO'))).toThrow('EIO')
    let count = 0
    const failed = pooledCall<void>((done) => {
      count++
      done(systemError('EIO', 'read'))
    })
    await expect(failed).rejects.toThrow('EIO')
    expect(count).toBe(1)
  })
})

describe('calls that other programs get in the way of', () => {
  test.each(['EPERM', 'EACCES', 'EBUSY'])('are repeated after %s, ever more patiently', (code) => {
    const pauses: number[] = []
    expect(patientCall(failing(code, code, code), (delayMs) => pauses.push(delayMs))).toBe('done')
    expect(pauses).toEqual([5, 10, 20])
  })

  test('fail after about a second', () => {
    let waitedMs = 0
    expect(() => patientCall(failing(...always('EBUSY')), (delayMs) => (waitedMs += delayMs))).toThrow(
      'EBUSY',
    )
    expect(waitedMs).toBeGreaterThan(800)
    expect(waitedMs).toBeLessThan(1500)
  })

  test('fail at once for other reasons', () => {
    expect(() => patientCall(failing('ENOENT'), () => expect.unreachable())).toThrow('ENOENT')
  })
})

describe('errors of the system', () => {
  test('look as Node makes them', () => {
    expect(systemError('ENOSPC', 'write')).toMatchObject({
      code: 'ENOSPC',
      errno: -constants.errno.ENOSPC,
      syscall: 'write',
      message: 'ENOSPC: no space left on device, write',
    })
    const renamed = systemError('EIO', 'rename', { path: '/a', dest: '/b' })
    expect(renamed.message).toBe("EIO: i/o error, rename '/a' -> '/b'")
    expect(renamed).toMatchObject({ path: '/a', dest: '/b' })
  })

  test('have a name even where Node has none for them', () => {
    const unnamed = Object.assign(new Error('Unknown system error -122'), {
      code: 'Unknown system error -122',
      errno: -constants.errno.EDQUOT,
    })
    expect(() =>
      systemCall(() => {
        throw unnamed
      }),
    ).toThrow(expect.objectContaining({ code: 'EDQUOT' }))
    expect(systemErrorCode(new Error('not one of the system'))).toBeUndefined()
  })
})
