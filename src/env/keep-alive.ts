/**
 * Keeps the process alive until disposed, as an open socket does. What waits for a deadline, for a directory to change or
 * for a broker of the same process does not by itself.
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
