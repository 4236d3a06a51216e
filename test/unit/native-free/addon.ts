import { createRequire } from 'node:module'

/** Whether the optional peer dependency `lz4` loads here. The suite passes with and without. */
export const isAddonInstalled: boolean = (() => {
  try {
    createRequire(import.meta.url)('lz4')
    return true
  } catch {
    return false
  }
})()
