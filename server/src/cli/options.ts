// Options that several commands have, and how the texts of options become values.
import { InvalidArgumentError, Option, type Command } from 'commander'
import { loadConfig, type Config } from '../config.ts'
import { durationMs } from '../domain/duration.ts'

export type JoinOptions = { dataDir?: string; json?: boolean }
export type WorkspaceOptions = JoinOptions & { workspace: string }

export const dataDirOption = () =>
  new Option('--data-dir <folder>', 'the embedded database and secrets [BELFRY_DATA_DIR, .belfry]')

export const jsonOption = () => new Option('--json', 'print JSON, for programs')

/** The options of every command that works on the database. */
export function withJoinOptions(command: Command): Command {
  return command.addOption(dataDirOption()).addOption(jsonOption())
}

/** The options of every command that works in one workspace. */
export function withWorkspaceOptions(command: Command): Command {
  return withJoinOptions(command).option('--workspace <key>', 'the workspace', 'default')
}

/** @throws ConfigError */
export function configOf({ dataDir }: JoinOptions): Config {
  return loadConfig(dataDir === undefined ? {} : { dataDir })
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Use a port, 0 to 65535.')
  return port
}

/** `a,b` into its parts, each of them one of `allowed`. */
export function parseListOf<T extends string>(allowed: readonly T[]) {
  return (text: string): T[] =>
    text.split(',').map((part) => {
      const found = allowed.find((value) => value === part.trim())
      if (found === undefined)
        throw new InvalidArgumentError(`"${part}" is none of ${allowed.join(', ')}.`)
      return found
    })
}

/** A duration from now ("30d"), or a moment ("2027-01-31"). */
export function parseMoment(text: string): Date {
  const moment = /^\d+[smhd]$/.test(text) ? Date.now() + durationMs(text) : Date.parse(text)
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('Use a duration (30d) or a date (2027-01-31).')
  if (moment <= Date.now()) throw new InvalidArgumentError('That is in the past.')
  return new Date(moment)
}

/** Gathers the values of an option that may be given several times. */
export function gather(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Ready to paste, under the options. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
