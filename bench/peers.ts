import { createRequire } from 'node:module'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'
import { levelStores } from './stores/level-store.ts'
import { lmdbStores } from './stores/lmdb-store.ts'
import { sqliteStores } from './stores/sqlite-store.ts'
import type { StoreKind } from './stores/store.ts'

/** The functions of the `lz4` addon: for blocks, and for frames, which take Kafka's settings as options. */
export interface Lz4Addon {
  encode(input: Uint8Array, options: object): Buffer
  decode(frame: Uint8Array): Buffer
  /** Returns the size of the result. */
  encodeBlock(input: Uint8Array, output: Uint8Array): number
  /** Returns the size of the result, negative when it could not. */
  decodeBlock(input: Uint8Array, output: Uint8Array): number
  encodeBound(inputBytes: number): number
}

/** Who to be compared with, as far as `bench/package.json` is installed. */
export interface Peers {
  readonly stores: readonly StoreKind[]
  readonly lz4: Lz4Addon | undefined
  /** Names of those that could not be loaded. */
  readonly missing: readonly string[]
}

/** The packages of the peers. */
export const peerPackages = ['better-sqlite3', 'lmdb', 'classic-level', 'lz4'] as const

type PeerPackage = (typeof peerPackages)[number]

/** Loads the peers that are there. They are looked for in `bench/node_modules`, wherever this file was compiled to. */
export function loadPeers(): Peers {
  const require = createRequire(join(projectRoot, 'bench', 'package.json'))
  const missing: string[] = []
  const load = (name: PeerPackage): unknown => {
    try {
      return require(name)
    } catch {
      missing.push(name)
      return undefined
    }
  }
  const stores = [
    ...sqliteStores(load('better-sqlite3')),
    ...lmdbStores(load('lmdb')),
    ...levelStores(load('classic-level')),
  ]
  return { stores, lz4: load('lz4') as Lz4Addon | undefined, missing }
}

/** What to tell people whose peers are missing; undefined when none is. */
export function missingPeersNotice({ missing }: Peers): string | undefined {
  if (missing.length === 0) return undefined
  return `not installed: ${missing.join(', ')}. Ratios to them are left out; \`npm ci --prefix bench\` installs them (needs a C++ compiler)`
}
