// What keeps secrets: encryption of stored credentials, signatures on cursors, API keys, and the
// secret all of that is derived from.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import path from 'node:path'

export type Secrets = {
  /**
   * AES-256-GCM. `boundTo` names the place the result is kept in (workspace, table, row): it must be
   * given again to decrypt, so that a ciphertext moved elsewhere is worthless.
   */
  encrypt(text: string, boundTo: string): Buffer
  /** @throws SecretUnreadable for another secret, another place, or changed bytes. */
  decrypt(sealed: Buffer, boundTo: string): string
  /** A short signature (base64url), bound to a purpose. */
  sign(text: string, purpose: string): string
  isSigned(text: string, purpose: string, signature: string): boolean
  /** Signs the tokens of subscribers, and nothing else. */
  tokenKey: Uint8Array
}

export class SecretUnreadable extends Error {}

const nonceLength = 12
const tagLength = 16
const keyIdLength = 4

/** Everything is derived from one text of at least 32 characters: BELFRY_SECRET, or the generated one. */
export function createSecrets(secretText: string): Secrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secretText, 'belfry', purpose, 32))
  const encryptionKey = derive('encrypt')
  const signingKey = derive('sign')
  // Tells "another secret" from "damaged": part of the ciphertext, says nothing about the key.
  const keyId = derive('key id').subarray(0, keyIdLength)

  const sign = (text: string, purpose: string) =>
    createHmac('sha256', signingKey).update(`${purpose}\0${text}`).digest().subarray(0, 16)

  return {
    tokenKey: derive('subscriber tokens'),
    encrypt(text, boundTo) {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce).setAAD(
        Buffer.from(boundTo),
      )
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([keyId, nonce, cipher.getAuthTag(), body])
    },
    decrypt(sealed, boundTo) {
      if (!sealed.subarray(0, keyIdLength).equals(keyId))
        throw new SecretUnreadable(
          'This was encrypted with another secret. Start with the BELFRY_SECRET it was stored with, or store it again.',
        )
      const nonce = sealed.subarray(keyIdLength, keyIdLength + nonceLength)
      const bodyStart = keyIdLength + nonceLength + tagLength
      const tag = sealed.subarray(keyIdLength + nonceLength, bodyStart)
      try {
        const cipher = createDecipheriv('aes-256-gcm', encryptionKey, nonce)
          .setAAD(Buffer.from(boundTo))
          .setAuthTag(tag)
        const start = cipher.update(sealed.subarray(bodyStart))
        return Buffer.concat([start, cipher.final()]).toString('utf8')
      } catch (error) {
        throw new SecretUnreadable('A stored secret was changed or moved. Store it again.', {
          cause: error,
        })
      }
    },
    sign: (text, purpose) => sign(text, purpose).toString('base64url'),
    isSigned(text, purpose, signature) {
      // Compared as text: several base64 texts decode to the same bytes.
      const given = Buffer.from(signature)
      const expected = Buffer.from(sign(text, purpose).toString('base64url'))
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A new secret key: `bf_sk_` and 40 letters or digits, 238 random bits. */
export function newApiKey(): string {
  return `bf_sk_${randomText(40)}`
}

/** What is stored of a key. Keys are long and random, so a fast hash is enough. */
export function hashApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

/**
 * The secret kept in the data directory (mode 600); made at the first start. Of several processes
 * that start at once one makes it and all read the same.
 */
export async function loadOrCreateSecret(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'secret')
  const found = await readSecret(file)
  if (found !== null) return found

  await mkdir(dataDir, { recursive: true })
  // Written aside and linked: the file is there whole or not at all, and never overwritten.
  const draft = `${file}.${randomText(8)}`
  const handle = await open(draft, 'wx', 0o600)
  await handle.writeFile(`${randomText(43)}\n`)
  await handle.sync()
  await handle.close()
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const made = await readSecret(file)
  if (made === null) throw new Error(`${file} disappeared while it was being made`)
  return made
}

async function readSecret(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, 'utf8')).trim()
    if (text.length < 32)
      throw new Error(`${file} holds fewer than 32 characters: put the original secret back`)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function randomText(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet[randomInt(alphabet.length)]
  return text
}
