// Makes inbox/dist/embed, which the server hands out as /embed/…: inbox.js, everything that a page
// needs to show the bell and the inbox in English, without dependencies, and beside it what is loaded
// later, under names that change with what is in them. Plain JavaScript: any Node from 20 on runs it.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const inbox = fileURLToPath(new URL('..', import.meta.url))
const target = path.join(inbox, 'dist/embed')
const entry = 'inbox.js'

const notice =
  '/*! Belfry inbox, Apache-2.0. With Lit, (c) 2017-2023 Google LLC, BSD-3-Clause: https://github.com/lit/lit */'
const later = ['preference-centre', 'strings-arabic', 'strings-french', 'strings-german']

/** Each file is in place at once, and what names others comes after them. Silent. */
export async function buildEmbed() {
  const tools = { ...(await import('esbuild')), ...(await import('terser')) }
  mkdirSync(target, { recursive: true })
  const names = {}
  for (const part of later) {
    const text = await bundle(tools, `${part}.ts`, [styles, borrowed])
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
    names[part] = `${part}-${hash}.js`
    put(names[part], text)
  }
  put(entry, `${notice}\n${await bundle(tools, 'embed.ts', [styles, apart(names)])}`)
  const made = [entry, ...Object.values(names)]
  for (const file of readdirSync(target)) if (!made.includes(file)) rmSync(path.join(target, file))
}

async function bundle({ build, minify }, source, plugins) {
  const { outputFiles } = await build({
    entryPoints: [path.join(inbox, 'src', source)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    plugins,
    logLevel: 'error',
    write: false,
  })
  // One after the other they come out a fortieth smaller than either alone.
  const { code } = await minify(outputFiles[0].text, { module: true, compress: { passes: 3 } })
  // Minified, lines end only inside of templates, where one space says as much.
  return code.replaceAll(/\n\s*/g, ' ')
}

/** Style sheets are texts to the minifiers: they leave them as they are. */
const styles = {
  name: 'styles',
  setup(plugin) {
    const shortened = (sheet) =>
      sheet
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/ ?([{};,>]) ?/g, '$1')
        .replaceAll(': ', ':')
        .replaceAll(';}', '}')
        .trim()
    plugin.onLoad({ filter: /inbox[\\/]src[\\/]styles-\w+\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replaceAll(/(?<=css`)[^`]*/g, shortened),
      loader: 'ts',
    }))
  },
}

/** What is loaded later has lit-html from the page's inbox.js. */
const borrowed = {
  name: 'borrowed',
  setup(plugin) {
    const filter = /(^|\/)lit-html(\.js)?$/
    plugin.onResolve({ filter }, () => ({ path: `./${entry}`, external: true }))
  },
}

function apart(names) {
  return {
    name: 'apart',
    setup(plugin) {
      plugin.onResolve({ filter: /^\.\// }, ({ path: file, kind }) => {
        const name = kind === 'dynamic-import' && names[path.basename(file, '.ts')]
        return name ? { path: `./${name}`, external: true } : undefined
      })
    },
  }
}

function put(name, text) {
  const unfinished = path.join(inbox, `dist/${name}.${process.pid}`)
  writeFileSync(unfinished, text)
  renameSync(unfinished, path.join(target, name))
}

/** Builds it when it is missing or older than what it is made of. */
export async function prepareEmbed() {
  if (isCurrent()) return
  try {
    await buildEmbed()
  } catch (error) {
    // An installation without tools (--omit=dev) has no inbox to hand out; all else works.
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  }
}

function isCurrent() {
  if (!existsSync(path.join(target, entry))) return false
  const builtAt = statSync(path.join(target, entry)).mtimeMs
  const sources = ['src', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(inbox, folder)).map((file) => path.join(inbox, folder, file)),
  )
  const installed = path.join(inbox, '../node_modules/.package-lock.json')
  return [...sources, installed].every(
    (file) => existsSync(file) && statSync(file).mtimeMs < builtAt,
  )
}
