import type { ProcessIdentity } from './process-identity.ts'

/** The content of a lock file: who holds it, and a random token of this one acquisition. */
export interface LockOwner extends ProcessIdentity {
  readonly token: string
}

/** The text of a lock file: one line of JSON, which people may read too. */
export function formatLockOwner(owner: LockOwner): string {
  const { pid, startTime, bootId, pidNamespace, host, token } = owner
  return `${JSON.stringify({ pid, startTime, bootId, pidNamespace, host, token })}\n`
}

/** Reads a lock file's text; `undefined` when it is not one that {@link formatLockOwner} wrote whole. */
export function parseLockOwner(text: string): LockOwner | undefined {
  if (!text.endsWith('}\n')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isLockOwner(value) ? value : undefined
  } catch {
    return undefined
  }
}

const textFields = ['bootId', 'pidNamespace', 'host', 'token']

function isLockOwner(value: unknown): value is LockOwner {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const pid = fields.get('pid')
  return (
    typeof pid === 'number' &&
    Number.isInteger(pid) &&
    pid > 0 &&
    typeof fields.get('startTime') === 'number' &&
    textFields.every((name) => typeof fields.get(name) === 'string')
  )
}
