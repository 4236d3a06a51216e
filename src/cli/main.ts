#!/usr/bin/env node
import { runCommandLine } from './run.ts'

// Set rather than exited with: what is still on its way to a pipe gets there first.
process.exitCode = await runCommandLine(process.argv.slice(2))
