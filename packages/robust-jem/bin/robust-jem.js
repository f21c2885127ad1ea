#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(`robust-jem: Node ${process.versions.node} is too old. Install Node 20.12 or newer.`)
  process.exitCode = 1
} else if (existsSync(main)) {
  const { runProcess } = await import(main.href)
  await runProcess()
} else {
  console.error("robust-jem: The command is not built (dist is missing). Run npm run setup in the project's folder.")
  process.exitCode = 1
}
