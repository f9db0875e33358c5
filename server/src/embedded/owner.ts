// One owner per data directory: `owner.json` names the Belfry process that runs its PostgreSQL.
//
// The file is taken by link(2), which fails if it exists, so it is never seen half written. A file
// left by a dead process is replaced under a second lock, so that of two processes finding it at
// the same instant only one goes on. PostgreSQL's own lock stands behind all this: losing here
// could cost a restart, never data.
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRunning, processStartedAt } from './processes.ts'

export type Owner = {
  pid: number
  startedAt: string // an opaque mark that tells this process from a later one with the same id
  url?: string // where its API answers, once known
}

export type Claim =
  | { kind: 'mine'; previous: Owner | null } // previous: a process that died owning it
  | { kind: 'taken'; owner: Owner }

const ownerPath = (dataDir: string): string => join(dataDir, 'owner.json')

/** The live process that owns `dataDir`; null when there is none. */
export async function readOwner(dataDir: string): Promise<Owner | null> {
  const owner = await read(ownerPath(dataDir))
  return owner && isRunning(owner) ? owner : null
}

/** Makes this process the owner of `dataDir` unless a live one is. Exactly one caller gets `mine`. */
export async function claimOwnership(dataDir: string, url?: string): Promise<Claim> {
  const draft = join(dataDir, `owner.${process.pid}.${crypto.randomUUID()}.json`)
  await writeFile(draft, text(self(url)), { mode: 0o644 })
  try {
    for (;;) {
      if (await linked(draft, ownerPath(dataDir))) return { kind: 'mine', previous: null }
      const found = await read(ownerPath(dataDir))
      if (found && isRunning(found)) return { kind: 'taken', owner: found }
      const replaced = await replaceDead(dataDir, draft)
      if (replaced) return replaced
      await delay(5)
    }
  } finally {
    await rm(draft, { force: true })
  }
}

/** Tells other processes where this owner's API answers. Ask only as the owner. */
export async function publishUrl(dataDir: string, url: string): Promise<void> {
  const draft = join(dataDir, `owner.${process.pid}.${crypto.randomUUID()}.json`)
  await writeFile(draft, text(self(url)), { mode: 0o644 })
  await rename(draft, ownerPath(dataDir))
}

/** Gives the directory up if this process owns it. */
export async function releaseOwnership(dataDir: string): Promise<void> {
  const owner = await read(ownerPath(dataDir))
  const { pid, startedAt } = self()
  if (owner?.pid === pid && owner.startedAt === startedAt) await rm(ownerPath(dataDir))
}

/** Replaces the file of a dead owner; null when another process is at it, or was faster. */
async function replaceDead(dataDir: string, draft: string): Promise<Claim | null> {
  const takeover = join(dataDir, 'owner.takeover.json')
  if (!(await linked(draft, takeover))) {
    const other = await read(takeover)
    // It died within the few instructions below; its lock must not outlive it.
    if (other && !isRunning(other)) await rm(takeover, { force: true })
    return null
  }
  try {
    const previous = await read(ownerPath(dataDir))
    if (previous === null || isRunning(previous)) return null
    // A rename between two links of one file does nothing, and `takeover` is a link of the draft.
    const fresh = `${draft}.new`
    await writeFile(fresh, await readFile(draft), { mode: 0o644 })
    await rename(fresh, ownerPath(dataDir))
    return { kind: 'mine', previous }
  } finally {
    await rm(takeover, { force: true })
  }
}

function self(url?: string): Owner {
  const startedAt = processStartedAt(process.pid) ?? 'unknown'
  return { pid: process.pid, startedAt, ...(url === undefined ? {} : { url }) }
}

function text(owner: Owner): string {
  return `${JSON.stringify(owner)}\n`
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** What the file says: null when it is absent; an owner that never lives when it is damaged. */
async function read(path: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>
    const { pid = 0, startedAt = '', url } = owner
    return { pid, startedAt, ...(url === undefined ? {} : { url }) }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    if (error instanceof SyntaxError) return { pid: 0, startedAt: '' }
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
