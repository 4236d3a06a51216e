// `npm run build`: joins the modules of each entry point into few files, in dist/lib. Node takes half a millisecond for
// every file that it loads, whatever is in it, and a broker has four hundred modules: joined, a process starts in half
// the time. What is imported when it is needed is loaded then, as it was. Types come from tsc, file by file.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

// A file each, for whoever enters one of these rooms needs nearly all that is in it. They are in the order in which they
// may import, so none loads another for nothing. What is in none of them is split by who imports it.
const rooms = [
  { name: 'base', test: /[\\/]src[\\/]base[\\/]|usingCtx/ },
  { name: 'env', test: /[\\/]src[\\/]env[\\/]/ },
  { name: 'batch', test: /[\\/](native-free|src[\\/]batch)[\\/]/ },
  { name: 'wire', test: /[\\/]src[\\/]wire[\\/]/ },
  // Who writes and reads a log neither verifies nor repairs it.
  { name: 'log', test: /[\\/]src[\\/]log[\\/](?!repair|verify-(?!resync))/ },
  { name: 'broker', test: /[\\/]src[\\/](cluster|broker)[\\/]/ },
  {
    name: 'command',
    test: /^<commander>|[\\/]src[\\/]cli[\\/](cluster[\\/]held-directory|failure|option-values|output[\\/]units|package-root)\.ts/,
  },
]

// Imported, a CommonJS package makes Node load a parser to find the names that it exports: a third of what commander
// costs at every start. Required, it needs none. (The other such packages are required where they are used.)
const requireCommander = {
  name: 'require-commander',
  resolveId: (name) => (name === 'commander' ? '<commander>' : undefined),
  load: (id) =>
    id === '<commander>'
      ? `import { createRequire } from 'node:module'
         export const { Command, CommanderError, InvalidArgumentError, Option } =
           createRequire(import.meta.url)('commander')`
      : undefined,
}

await build({
  cwd: projectRoot,
  input: {
    tidemark: 'src/embedded/public.ts',
    cli: 'src/cli/main.ts',
    client: 'src/client/public.ts',
    log: 'src/log/public.ts',
    protocol: 'src/wire/public.ts',
    server: 'src/server/public.ts',
    testing: 'src/testing/public.ts',
  },
  platform: 'node',
  plugins: [requireCommander],
  // Bare names are dependencies, which are installed, and not part of what is shipped.
  external: /^(?!commander$)[a-z]/,
  transform: { target: 'node20' },
  // An entry point exports what it did, in whichever room its module is.
  preserveEntrySignatures: 'allow-extension',
  output: {
    dir: join(projectRoot, 'dist', 'lib'),
    // What is left of an earlier build would be shipped.
    cleanDir: true,
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: rooms, includeDependenciesRecursively: false },
    sourcemap: true,
    // The types have the documentation.
    comments: { jsdoc: false },
  },
})
