import { describe } from 'vitest'
import { NodeFiles } from '../../../src/env/node-files.ts'
import { filesContract } from './files-contract.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('node files', () => {
  filesContract(() => ({ files: new NodeFiles(), directory: temporaryDirectory() }))
})
