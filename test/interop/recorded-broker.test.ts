import { fileURLToPath } from 'node:url'
import { checkRecording } from './recording/check-recording.ts'
import { Recording } from './recording/recording.ts'

/** Directories that Apache Kafka 4.3.1 wrote, and what it said of them, recorded: needs no Kafka to run. */
const directory = fileURLToPath(new URL('../../data/golden/kafka-4.3.1-broker', import.meta.url))

checkRecording(() => new Recording(directory))
