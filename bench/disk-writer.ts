import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/**
 * A process of its own that keeps the disk busy until it is killed: writes a file of many dirty pages, syncs it, gives
 * the blocks back, and begins again, so that the file system's journal is busy as well. Says when it has begun.
 */
const chunkBytes = 8 * 1024 * 1024
const fileChunks = 64

const [, , path = ''] = process.argv
const chunk = Buffer.alloc(chunkBytes, 0x5a)
const descriptor = openSync(path, 'w')
process.once('disconnect', () => process.exit())
process.send?.('begun')
setImmediate(function burst() {
  for (let count = 0; count < fileChunks; count++)
    writeSync(descriptor, chunk, 0, chunkBytes, count * chunkBytes)
  fsyncSync(descriptor)
  ftruncateSync(descriptor, 0)
  if (process.connected) setImmediate(burst)
  else closeSync(descriptor)
})
