// Joins what the command line loads into a few files: Node takes about half a millisecond for every module, and a
// broker is some three hundred of them. Run after the compiler, on what it wrote.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
// As deep as dist/src/cli, from where it is that data and package.json are looked for.
const target = join(root, 'dist', 'bundled', 'cli')

rmSync(target, { recursive: true, force: true })
const bundle = await rolldown({
  input: { main: join(root, 'dist', 'src', 'cli', 'main.js') },
  platform: 'node',
  // A peer that not everybody has.
  external: ['lz4'],
})
await bundle.write({ dir: target, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' })
await bundle.close()
