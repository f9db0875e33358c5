// What carries a channel: a kind of provider (SMTP, a webhook, …) and a configured account of it.
import type { TObject } from 'typebox'
import type { CarriedChannel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { Device } from '../domain/device.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { OutgoingClient } from './outgoing.ts'
import type { AllowedAddresses } from './public-address.ts'
import type { Receipts } from './receipts.ts'

export type Message = {
  workspaceId: number
  notificationId: string
  /** Stays the same over all attempts: the key by which a receiver can drop a duplicate. */
  deliveryId: string
  /** Which try this is, counted from 1. */
  attempt: number
  channel: CarriedChannel
  address: string
  content: Content
  /** Names the shared content: messages with the same id read the same. */
  contentId: string
  eventType: string | null
  createdAt: Date
  traceparent: string | null
  /** Where this person has no more messages of this kind with one POST; absent where that cannot be had. */
  unsubscribeUrl?: string
}

export type Provider = {
  /**
   * One try. Ends before `signal` does, or with it.
   * Never throws for what the other side does: that is an outcome.
   */
  send(message: Message, signal: AbortSignal): Promise<Outcome>
  /** Checks credentials and reachability without sending anything to anyone. */
  verify?(signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

/** What providers are built from, beside their own settings. */
export type ProviderContext = {
  outgoing: OutgoingClient
  /** What may be connected to although it is not public. */
  allowed: AllowedAddresses
  now: () => Date
  /** Where the sandbox puts what it caught. */
  capture: (message: Message) => Promise<void>
  /** Where its vendor tells this provider what became of messages. */
  receiptsUrl?: () => string
}

/** What is wrong with settings: a JSON Pointer into them, a stable code, a sentence. */
export type SettingsProblem = { pointer: string; code: string; detail: string }

export type Limit = { what: string; most: number; unit: 'characters' | 'bytes' }

export type Pace = { all?: number; address?: number }

export type ProviderKind = {
  kind: string
  channels: readonly CarriedChannel[]
  title: string
  /** JSON Schema of the settings: `GET /provider-kinds` shows it, forms are made from it. */
  settings: TObject
  /** Names of the settings that are encrypted at rest and never shown again. */
  secrets: readonly string[]
  /** Which of the secrets leave as they are, and the settings that say where to. */
  sends?: { secrets: readonly string[]; to: readonly string[] }
  /** The most one attempt may take, in milliseconds. */
  budgetMs: number
  /** How long the vendor knows a message again by its delivery's id, and drops it; absent: it does not. */
  knowsKeysMs?: number
  /** Push: what it reaches; absent: every kind of device. */
  devices?: readonly Device[]
  /** Whether what it has delivered can be taken back, as a feed can; absent: it cannot. */
  canRetract?: boolean
  /** Whether each address leads to another server: how one answers says nothing of the others. Absent: no. */
  reachesMany?(settings: Record<string, unknown>): boolean
  /** What the vendor takes in a second: of everything, and for one address. Absent: any number. */
  pace?(settings: Record<string, unknown>): Pace
  /** How its vendor tells what became of messages; absent: Belfry does not hear of it. */
  receipts?: Receipts
  /** What it takes of one message; longer ones are refused before it is asked. */
  limits?: readonly Limit[]
  /** Checks what a schema cannot. Answers the problems found, empty when none. */
  problems?(settings: Record<string, unknown>, allowed: AllowedAddresses): SettingsProblem[]
  create(settings: Record<string, unknown>, context: ProviderContext): Provider
}
