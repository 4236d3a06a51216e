import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { checkRecording } from './recording/check-recording.ts'
import { recordBroker } from './recording/record-broker.ts'
import { Recording } from './recording/recording.ts'

/**
 * A broker that lives now, and the same checks as for the recorded one. With `TIDEMARK_RECORDING` the recording is kept
 * in that folder, which must not exist: so was made what is in `data/golden`.
 */
describeWithKafka('directories that a broker has just written', () => {
  let recording: Recording

  beforeAll(async () => {
    const work = temporaryDirectory()
    const output = join(work, 'recording')
    await recordBroker(join(work, 'broker'), output)
    const { TIDEMARK_RECORDING: kept } = process.env
    if (kept !== undefined) cpSync(output, kept, { recursive: true, errorOnExist: true, force: false })
    recording = new Recording(output)
  })

  checkRecording(() => recording)
})
