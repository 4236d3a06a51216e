// A program that embeds Tidemark. Run as: node ten-lines.mjs LIBRARY DIRECTORY GROUP COUNT [PULSE_MS]. It sends one record, prints the
// offsets of the next COUNT records of the group, and ends by itself. With PULSE_MS it says that it is still there so
// long after it has read one, by a timer that does not keep it alive.
const [library, directory, groupId, count, pulseMs] = process.argv.slice(2)
const { Tidemark } = await import(library)
const tidemark = await Tidemark.open(directory)
await tidemark.admin().createTopics([{ name: 'orders', partitions: 1 }], { throwOnError: false })
const { offset } = await tidemark.producer().send({ topic: 'orders', value: `from ${process.pid}` })
console.log(`sent ${offset}`)
const consumer = tidemark.consumer({ groupId, topics: ['orders'], autoOffsetReset: 'earliest' })
let left = Number(count)
for await (const { offset: read } of consumer) {
  console.log(`read ${read}`)
  await consumer.commit()
  if (--left === 0) break
  if (pulseMs !== undefined) setTimeout(() => console.log('still here'), Number(pulseMs)).unref()
}
await tidemark.close()
