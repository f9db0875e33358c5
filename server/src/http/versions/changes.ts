// Every change of the API that callers would notice, newest first.
import { lastFour } from './2026-11-21-last-four.ts'
import type { Change } from './change.ts'

export const changes: readonly Change[] = [lastFour]
