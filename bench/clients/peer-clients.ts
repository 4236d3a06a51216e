import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../project-root.ts'

/** The directory whose packages are the clients that ours is held against. */
const directory = join(projectRoot, 'test', 'interop', 'clients')

/** The other clients. */
export const peerClients = { kafkajs: 'kafkajs', platformatic: '@platformatic/kafka' } as const

/** Loads one of them, wherever this file was compiled to. */
export async function loadPeerClient(name: keyof typeof peerClients): Promise<unknown> {
  const path = createRequire(join(directory, 'package.json')).resolve(peerClients[name])
  return await import(pathToFileURL(path).href)
}

/** Those of them that are not installed, and what to do about it; undefined when all are. */
export function missingClientsNotice(): string | undefined {
  const require = createRequire(join(directory, 'package.json'))
  const missing = Object.values(peerClients).filter((name) => {
    try {
      return require.resolve(name) === ''
    } catch {
      return true
    }
  })
  if (missing.length === 0) return undefined
  return `not installed: ${missing.join(', ')}. Ratios to clients are left out; \`npm ci --prefix test/interop/clients\` installs them`
}
