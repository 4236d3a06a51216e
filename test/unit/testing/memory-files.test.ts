import { describe } from 'vitest'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { filesContract } from '../env/files-contract.ts'

describe('memory files', () => {
  filesContract(() => {
    const files = new MemoryFiles()
    files.makeDirectorySync('/data')
    return { files, directory: '/data' }
  })
})
