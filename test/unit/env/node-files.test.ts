import { describe, expect, test } from 'vitest'
import { NodeFiles } from '../../../src/env/node-files.ts'
import { filesContract } from './files-contract.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('node files', () => {
  filesContract(() => ({ files: new NodeFiles(), directory: temporaryDirectory() }))
})

test.runIf(process.platform === 'linux')('a directory where none can be made is an error', () => {
  for (const path of ['/proc/none', '/proc/none/below'])
    expect(() => {
      new NodeFiles().makeDirectorySync(path)
    }).toThrow('ENOENT')
})
