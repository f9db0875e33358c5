// Makes server/dist, the package that is published: this folder again, compiled, with everything else
// that it needs at run time. The clone runs its sources and never looks in there.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import packageJson from '../package.json' with { type: 'json' }

const server = path.resolve(import.meta.dirname, '..')
const root = path.dirname(server)
const target = path.join(server, 'dist')

rmSync(target, { recursive: true, force: true })
compile()
bundleInbox()
copyAssets()
writeManifest()
assertWhole()

function compile(): void {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '--project', path.join(server, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  rmSync(path.join(target, 'bin/belfry.d.ts'), { force: true })
}

/** As before every start of the clone. */
function bundleInbox(): void {
  const script = "import('./inbox/scripts/embed.js').then((embed) => embed.prepareEmbed())"
  execFileSync(process.execPath, ['--eval', script], { cwd: root, stdio: 'inherit' })
}

function copyAssets(): void {
  const files = globSync('src/**/*.*', { cwd: server }).filter((file) => !file.endsWith('.ts'))
  for (const file of files) cpSync(path.join(server, file), path.join(target, file))
  cpSync(path.join(server, 'README.md'), path.join(target, 'README.md'))
  cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'))
  cpSync(path.join(root, 'inbox/dist/embed'), path.join(target, 'embed'), { recursive: true })
  cpSync(path.join(root, 'docs/reference'), path.join(target, 'docs/reference'), {
    recursive: true,
  })
}

/** package.json of the clone without what is about the clone, and leading to what was compiled. */
function writeManifest(): void {
  const { private: _private, scripts: _scripts, ...published } = packageJson
  const entry = { types: './src/belfry.d.ts', default: './src/belfry.js' }
  const manifest = { ...published, exports: { ...published.exports, '.': entry } }
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/**
 * The compiler rewrites imports, but not a path that is a text (of a worker, a child process): it
 * would lead nowhere.
 */
function assertWhole(): void {
  const lost = globSync('{bin,src}/**/*.js', { cwd: target }).flatMap((file) =>
    [...readFileSync(path.join(target, file), 'utf8').matchAll(/(['"`])[^'"`\s]*\w\.ts\1/g)].map(
      ([text]) => `${file} names ${text}`,
    ),
  )
  if (lost.length > 0)
    throw new Error(
      `These are not compiled along; take the extension of import.meta.filename:\n${lost.join('\n')}`,
    )
}
