// What the reports of vitest say in the end: each test that failed, with why, then the counts.
// `node .ci/report.mjs REPORT...` prints the failures, and as its last line `PASSED FAILED SKIPPED`.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const counts = [0, 0, 0]
for (const report of process.argv.slice(2).flatMap(read)) {
  counts[0] += report.numPassedTests
  counts[1] += report.numFailedTests
  counts[2] += report.numPendingTests
  for (const file of report.testResults) tell(file)
}
console.log(counts.join(' '))

/** None where the tests did not come to their end: that step has failed. */
function read(path) {
  try {
    return [JSON.parse(readFileSync(path, 'utf8'))]
  } catch {
    return []
  }
}

function tell({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  for (const { fullName, failureMessages } of failed)
    show(`${name} > ${fullName}`, failureMessages.join('\n'))
  // What is outside of the tests: an import, a hook.
  if (status === 'failed' && failed.length === 0)
    show(name, message || 'Not in a test of it, but in a hook: look for its name above.')
}

function show(place, message) {
  const lines = message
    .split('\n')
    .filter((line) => line.trim() !== '' && !/node_modules|<anonymous>/.test(line))
  console.log(`FAILED ${relative(process.cwd(), place)}`)
  for (const line of lines.slice(0, 8)) console.log(`    ${line.slice(0, 300)}`)
}
