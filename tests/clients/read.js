// Reads what a preset gives with npm's own configuration: as read.py, for clients that run in Node.
'use strict'
const { execFileSync } = require('node:child_process')
const { mkdtempSync, writeFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { createInterface } = require('node:readline')

function npm (folder) {
  const root = join(execFileSync('npm', ['root', '--global']).toString().trim(), 'npm')
  const Config = require(join(root, 'node_modules/@npmcli/config'))
  const { definitions, flatten, nerfDarts, shorthands } =
    require(join(root, 'node_modules/@npmcli/config/lib/definitions'))
  const file = join(folder, '.npmrc')
  const read = async data => {
    writeFileSync(file, data['.npmrc'])
    const argv = ['node', 'npm', '--userconfig', file]
    const config = new Config({ npmPath: root, definitions, flatten, nerfDarts, shorthands, argv, cwd: folder, warn: false })
    await config.load()
    const registry = config.get('registry')
    const { token, username, password } = config.getCredentialsByURI(registry)
    return { registry, token, username, password }
  }
  return [`npm ${require(join(root, 'package.json')).version}`, read]
}

async function main () {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'))
  let client
  try {
    client = { npm }[process.argv[2]](folder)
  } catch (missing) {
    process.stderr.write(`${missing}\n`)
    process.exit(77)
  }
  const [name, read] = client
  process.stdout.write(JSON.stringify(name) + '\n')
  for await (const line of createInterface({ input: process.stdin })) {
    const found = await read(JSON.parse(line).data).catch(error => ({ error: `${error}` }))
    process.stdout.write(JSON.stringify(found) + '\n')
  }
  rmSync(folder, { recursive: true })
}

main()
