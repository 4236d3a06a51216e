import crc32cOfPackage from 'crc-32/crc32c.js'
import { createCrc32c } from '../../native-free/crc32c.ts'
import { xxhash32 } from '../../native-free/xxhash32.ts'
import { jsonLines } from '../payloads.ts'
import { timed } from '../timing.ts'
import type { PreparedSuite, Suite } from '../suite.ts'

const sizes = [
  ['100 B', 100],
  ['1 KiB', 1024],
  ['16 KiB', 16 * 1024],
  ['1 MiB', 1024 * 1024],
] as const

/** Checksums of the formats. */
export const checksumSuite: Suite = {
  name: 'checksum',
  about: 'CRC-32C, WebAssembly against the JavaScript of crc-32, and xxHash32, which LZ4 frames carry.',
  prepare(): PreparedSuite {
    const crc32c = createCrc32c('wasm')
    return {
      contestants: sizes.flatMap(([label, size]) => {
        const bytes = jsonLines(size)
        return [
          timed(`crc32c ${label}`, 'MB/s', size, () => crc32c(bytes, 0, size)),
          timed(`crc-32 ${label}`, 'MB/s', size, () => crc32cOfPackage.buf(bytes)),
          timed(`xxhash32 ${label}`, 'MB/s', size, () => xxhash32(bytes)),
        ]
      }),
      claims: [{ figure: 'crc32c 16 KiB', against: 'crc-32 16 KiB', sense: 'at least', bound: 2 }],
      ratios: sizes
        .filter(([label]) => label !== '16 KiB')
        .map(([label]) => [`crc32c ${label}`, `crc-32 ${label}`]),
    }
  },
}
