// Makes inbox/dist, the package that is published: the modules, compiled, and embed/, what
// the server hands out. Plain JavaScript: any Node from 20 on runs it.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildEmbed } from './embed.js'

const inbox = fileURLToPath(new URL('..', import.meta.url))
const dist = path.join(inbox, 'dist')

// embed/ is replaced file by file: a server may be reading it.
for (const name of existsSync(dist) ? readdirSync(dist) : [])
  if (name !== 'embed') rmSync(path.join(dist, name), { recursive: true })
const tsc = path.join(inbox, '../node_modules/typescript/bin/tsc')
execFileSync(process.execPath, [tsc, '--project', path.join(inbox, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
await buildEmbed()
