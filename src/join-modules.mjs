// `npm run build`: joins the modules of each entry point into few files, in dist/lib. Node takes half a millisecond for
// every file that it loads, whatever is in it, and a broker has four hundred modules: joined, a process starts in half
// the time. What several entry points share is in `chunks`, once; what is imported when it is needed is loaded then,
// as it was. Types come from tsc, file by file.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

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
  // Bare names are dependencies, which are installed, and not part of what is shipped.
  external: /^[a-z]/,
  transform: { target: 'node20' },
  output: {
    dir: join(projectRoot, 'dist', 'lib'),
    // What is left of an earlier build would be shipped.
    cleanDir: true,
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    // The types have the documentation.
    comments: { jsdoc: false },
  },
})
