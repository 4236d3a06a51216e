// A service with an outbox: it takes numbered readings, one every few milliseconds, whether Kafka can be reached or not.
// `node outbox-service.mjs DIRECTORY HOST:PORT COUNT`, with as many readings as the service is to take before it ends.
import { setTimeout as pause } from 'node:timers/promises'
import { Outbox } from './outbox.mjs'

const [directory, servers, count] = process.argv.slice(2)
const onTrouble = (error) => console.error(`not forwarded for now: ${error.message}`)
const outbox = await Outbox.open(directory, { servers, topic: 'readings', onTrouble })
for (let taken = 0; taken < Number(count); taken++) {
  const reading = `${process.pid}-${taken}`
  await outbox.add({ key: 'sensor', value: reading })
  console.log(`taken ${reading}`)
  await pause(2)
}
while (outbox.waitingCount > 0) await pause(20)
await outbox.close()
