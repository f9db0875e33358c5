// The encryption of web push: only the browser of the subscription can read the message.
// @see RFC 8291 (Message Encryption for Web Push), RFC 8188 (aes128gcm)
import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'

export type Recipient = {
  p256dh: Buffer // its public key: 65 bytes, an uncompressed point of P-256
  auth: Buffer // its secret: 16 bytes
}

const recordSize = 4_096
const delimiter = Buffer.from([2]) // of the last record

/** `given`: what is random otherwise. */
export function encrypt(
  text: string,
  { p256dh, auth }: Recipient,
  given: { privateKey?: Buffer; salt?: Buffer } = {},
): Buffer {
  const own = createECDH('prime256v1')
  if (given.privateKey) own.setPrivateKey(given.privateKey)
  else own.generateKeys()
  const salt = given.salt ?? randomBytes(16)
  const ownPublic = own.getPublicKey()

  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, ownPublic])
  const keyMaterial = derive(own.computeSecret(p256dh), auth, keyInfo, 32)
  const key = derive(keyMaterial, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(keyMaterial, salt, Buffer.from('Content-Encoding: nonce\0'), 12)

  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  const record = Buffer.concat([Buffer.from(text), delimiter])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(recordSize)
  return Buffer.concat([
    salt,
    size,
    Buffer.from([ownPublic.length]),
    ownPublic,
    cipher.update(record),
    cipher.final(),
    cipher.getAuthTag(),
  ])
}

function derive(secret: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length))
}
