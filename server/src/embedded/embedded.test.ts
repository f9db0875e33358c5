// The embedded PostgreSQL through its one door, with real processes killed the hard way.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { startEmbedded, type EmbeddedPostgres } from './embedded.ts'
import { readOwner } from './owner.ts'
import type { Connection } from './postmaster.ts'
import { processStartedAt } from './processes.ts'

const isRoot = process.getuid?.() === 0

test('data is there again after a stop and a start', async (t) => {
  const dataDir = await givenDirectory(t)

  const first = await startEmbedded({ dataDir })
  await query(first.connection, 'create table kept as select 42 as answer')
  await first.stop()
  const second = await startEmbedded({ dataDir })

  const [row] = await query(second.connection, 'select answer from kept')
  assert.equal(row?.answer, 42)
  assert.match(second.version, /^\d+\.\d+$/)
  assert.equal(await readFile(join(dataDir, '.gitignore'), 'utf8'), '*\n')
  await second.stop()
})

test('a stop leaves no process, socket or owner behind, and may be asked twice', async (t) => {
  const dataDir = await givenDirectory(t)
  const postgres = await startEmbedded({ dataDir })
  const pid = await postmasterPid(dataDir)
  await query(postgres.connection, 'select 1')

  await Promise.all([postgres.stop(), postgres.stop()])

  assert.equal(processStartedAt(pid), null)
  assert.equal(existsSync(postgres.connection.host), false)
  assert.equal(await readOwner(dataDir), null)
})

test('a running PostgreSQL', async (t) => {
  const dataDir = await givenDirectory(t)
  const postgres = await startEmbedded({ dataDir })
  const { host } = postgres.connection

  await t.test('is not on the network, and its socket is for one account only', async () => {
    const [setting] = await query(postgres.connection, 'show listen_addresses')
    assert.equal(setting?.listen_addresses, '')
    assert.equal((await stat(host)).mode & 0o777, 0o700)
    assert.equal((await stat(join(host, '.s.PGSQL.5432'))).mode & 0o777, 0o700)
    assert.ok(Buffer.byteLength(join(host, '.s.PGSQL.5432')) <= 100)
  })

  await t.test('has what is committed on disk', async () => {
    const rows = await query(
      postgres.connection,
      `select current_setting(name) as setting
       from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as name`,
    )
    assert.deepEqual(rows, [{ setting: 'on' }, { setting: 'on' }, { setting: 'on' }])
  })

  await t.test('runs as another user than root', { skip: !isRoot }, async () => {
    const { uid } = await stat(`/proc/${await postmasterPid(dataDir)}`)
    assert.notEqual(uid, 0)
    assert.match(postgres.notes.join(), /as user '(postgres|nobody)' because it refuses root/)
  })

  await postgres.stop()
})

test('a second Belfry connects to the first one’s PostgreSQL', async (t) => {
  const dataDir = await givenDirectory(t)
  const first = await startEmbedded({ dataDir })
  await first.setUrl('http://127.0.0.1:4000')

  const second = await startInChild(t, dataDir)
  assert.equal(second.postgres.isOwner, false)
  assert.deepEqual(second.postgres.connection, first.connection)
  await second.stop()

  await query(first.connection, 'select 1')
  const owner = await readOwner(dataDir)
  assert.equal(owner?.pid, process.pid)
  assert.equal(owner.url, 'http://127.0.0.1:4000')
  await first.stop()
})

test('two first starts at the same instant make one cluster', async (t) => {
  const dataDir = await givenDirectory(t)

  const both = await Promise.all([startInChild(t, dataDir), startInChild(t, dataDir)])

  assert.equal(both.filter(({ postgres }) => postgres.isOwner).length, 1)
  const identifiers = await Promise.all(
    both.map(({ postgres }) =>
      query(postgres.connection, 'select system_identifier::text as id from pg_control_system()'),
    ),
  )
  assert.deepEqual(identifiers[0], identifiers[1])
  assert.deepEqual(await directoriesLike(dataDir, 'postgres.'), [])
  await Promise.all(both.map((child) => child.stop()))
})

test('the PostgreSQL of a killed Belfry is taken over with its data', async (t) => {
  const dataDir = await givenDirectory(t)
  const killed = await startInChild(t, dataDir)
  await query(killed.postgres.connection, 'create table kept as select 42 as answer')
  const pid = await postmasterPid(dataDir)

  await killed.kill()
  const next = await startEmbedded({ dataDir })

  assert.equal(next.isOwner, true)
  assert.equal(await postmasterPid(dataDir), pid)
  assert.ok(next.notes.includes(`Reattached to the PostgreSQL left by pid ${killed.pid}.`))
  const [row] = await query(next.connection, 'select answer from kept')
  assert.equal(row?.answer, 42)
  await next.stop()
  assert.equal(processStartedAt(pid), null)
})

for (const whose of ['its own', 'a taken over'] as const) {
  test(`a PostgreSQL that dies is started again: ${whose}`, async (t) => {
    const dataDir = await givenDirectory(t)
    if (whose === 'a taken over') await (await startInChild(t, dataDir)).kill()
    const again = Promise.withResolvers<void>()
    const onNote = (text: string) => text.includes('runs again') && again.resolve()
    const postgres = await startEmbedded({ dataDir, onNote })
    await query(postgres.connection, 'create table kept as select 42 as answer')
    const pid = await postmasterPid(dataDir)

    process.kill(pid, 'SIGKILL')
    await again.promise

    assert.notEqual(await postmasterPid(dataDir), pid)
    const [row] = await query(postgres.connection, 'select answer from kept')
    assert.equal(row?.answer, 42)
    await postgres.stop()
  })
}

const isLinux = process.platform === 'linux'
test('a process id used again by something else is no hindrance', { skip: !isLinux }, async (t) => {
  const dataDir = await givenDirectory(t)
  const killed = await startInChild(t, dataDir)
  await query(killed.postgres.connection, 'create table kept as select 42 as answer')
  const pidFile = join(dataDir, 'postgres/postmaster.pid')
  const { uid, gid } = await stat(pidFile)
  const stranger = spawn('sleep', ['60'], { cwd: '/', uid, gid })
  t.after(() => stranger.kill())
  await killed.kill()
  process.kill(await postmasterPid(dataDir), 'SIGKILL')
  const text = await readFile(pidFile, 'utf8')
  await writeFile(pidFile, text.replace(/^\d+/, String(stranger.pid)))

  const next = await startEmbedded({ dataDir })

  const [row] = await query(next.connection, 'select answer from kept')
  assert.equal(row?.answer, 42)
  await next.stop()
})

test('a database of another major version is refused and left alone', async (t) => {
  const dataDir = await givenDirectory(t)
  await mkdir(join(dataDir, 'postgres'), { recursive: true })
  await writeFile(join(dataDir, 'postgres/PG_VERSION'), '9\n')

  await assert.rejects(startEmbedded({ dataDir }), /made by PostgreSQL 9.*Nothing was changed/)

  assert.deepEqual(await readdir(join(dataDir, 'postgres')), ['PG_VERSION'])
  assert.equal(await readOwner(dataDir), null)
})

test('a directory of something else is refused and left alone', async (t) => {
  const dataDir = await givenDirectory(t)
  await mkdir(join(dataDir, 'postgres'), { recursive: true })
  await writeFile(join(dataDir, 'postgres/letter.txt'), 'Dear Ana')

  await assert.rejects(startEmbedded({ dataDir }), /no PostgreSQL database/)

  assert.deepEqual(await readdir(join(dataDir, 'postgres')), ['letter.txt'])
})

test('what an interrupted first start left does not hinder the next', async (t) => {
  const dataDir = await givenDirectory(t)
  await mkdir(join(dataDir, 'postgres.new-1/base'), { recursive: true })
  await writeFile(join(dataDir, 'owner.json'), '{"pid":')

  const postgres = await startEmbedded({ dataDir })

  await query(postgres.connection, 'select 1')
  assert.deepEqual(await directoriesLike(dataDir, 'postgres.new'), [])
  await postgres.stop()
})

test(
  'root’s closed directory moves the data, and the note says where',
  { skip: !isRoot },
  async (t) => {
    const closed = dirname(await givenDirectory(t))
    const fallbackDir = join(dirname(await givenDirectory(t)), 'fallback')
    await chmod(closed, 0o700)
    const dataDir = join(closed, '.belfry')

    const first = await startEmbedded({ dataDir, fallbackDir })
    const home = await realpath(join(dataDir, 'postgres'))
    assert.ok(home.startsWith(fallbackDir))
    assert.ok(first.notes.some((note) => note.includes(home)))
    await query(first.connection, 'create table kept as select 42 as answer')
    await first.stop()

    const second = await startEmbedded({ dataDir, fallbackDir })
    const [row] = await query(second.connection, 'select answer from kept')
    assert.equal(row?.answer, 42)
    await second.stop()
  },
)

type Child = {
  pid: number
  postgres: Omit<EmbeddedPostgres, 'stop' | 'setUrl'>
  stop(): Promise<void>
  kill(): Promise<void>
}

const program = `
  import { startEmbedded } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))}
  const postgres = await startEmbedded({ dataDir: process.argv[1] })
  console.log(JSON.stringify(postgres))
  process.stdin.resume().once('end', () => postgres.stop())
`

/** Another Belfry process, in a process group of its own as under a shell. */
async function startInChild(t: TestContext, dataDir: string): Promise<Child> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const exit = once(child, 'exit')
  t.after(() => child.kill('SIGKILL'))
  const { pid } = child
  assert.ok(pid)
  for await (const line of createInterface(child.stdout)) {
    return {
      pid,
      postgres: JSON.parse(line) as Child['postgres'],
      async stop() {
        child.stdin.end()
        await exit
      },
      async kill() {
        process.kill(-pid, 'SIGKILL') // the whole group, as a terminal would
        await exit
      },
    }
  }
  throw new Error('the other process ended before its PostgreSQL answered')
}

/** The path of a data directory to be, below a new directory that any account may enter. */
async function givenDirectory(t: TestContext): Promise<string> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'belfry-test-')))
  await chmod(parent, 0o755)
  const dataDir = join(parent, '.belfry')
  t.after(async () => {
    const isLeft = existsSync(join(dataDir, 'postgres/postmaster.pid'))
    if (isLeft) await (await startEmbedded({ dataDir })).stop()
    await rm(parent, { recursive: true })
  })
  return dataDir
}

async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10)
}

async function directoriesLike(dataDir: string, start: string): Promise<string[]> {
  const entries = await readdir(dataDir)
  return entries.filter((entry) => entry.startsWith(start) && entry !== 'postgres.log')
}

async function query(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
