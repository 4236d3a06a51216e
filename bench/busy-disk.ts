import { fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = join(dirname(fileURLToPath(import.meta.url)), 'disk-writer.js')

/** Runs `work` while another process writes and syncs as fast as it can to a file beside it. */
export async function withBusyDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const writer = fork(script, [join(directory, 'busy')])
  await once(writer, 'message')
  try {
    return await work()
  } finally {
    const exited = once(writer, 'exit')
    writer.kill()
    await exited
  }
}
