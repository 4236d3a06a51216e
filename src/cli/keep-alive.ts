import { MessageChannel } from 'node:worker_threads'

/**
 * Keeps the process alive until disposed. What waits for a directory to change does not by itself: the watch is
 * made for programs that have other reasons to live.
 */
export function keepAlive(): Disposable {
  const { port1, port2 } = new MessageChannel()
  // A listener is what makes the port count.
  port1.on('message', () => undefined)
  return {
    [Symbol.dispose]() {
      port1.close()
      port2.close()
    },
  }
}
