// Assembles every .wat file of this folder into <name>.wasm.ts, which holds the module as base64, so that the
// package needs neither an assembler nor a file read at run time. Run `node native-free/wasm/build.mjs` after
// changing a .wat file; a test compares what is committed with what this makes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const folder = dirname(fileURLToPath(import.meta.url))

/** Assembles all modules, in the order of their names: name to binary. */
export async function buildWasm() {
  const assembler = await wabt()
  const sources = readdirSync(folder).filter((file) => file.endsWith('.wat'))
  return new Map(
    sources.toSorted().map((file) => {
      const features = { simd: true, bulk_memory: true, sign_extension: true }
      const module = assembler.parseWat(file, readFileSync(join(folder, file), 'utf8'), features)
      module.validate()
      return [file.slice(0, -'.wat'.length), Buffer.from(module.toBinary({}).buffer)]
    }),
  )
}

/** The TypeScript file that carries a module. */
export function wasmSource(name, binary) {
  return `// Made from ${name}.wat by build.mjs. Do not edit.\nexport const ${name}Wasm =\n  '${binary.toString('base64')}'\n`
}

/** Rewrites all .wasm.ts files. */
export async function writeWasm() {
  for (const [name, binary] of await buildWasm()) {
    writeFileSync(join(folder, `${name}.wasm.ts`), wasmSource(name, binary))
    console.log(`${name}: ${binary.length} bytes`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeWasm()
