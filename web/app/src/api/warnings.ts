/** Emergency warnings, as `/api/v1/warnings` has them. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Warning = Schemas['Warning']
export type WarningWithOffers = Schemas['WarningWithOffers']
export type WarningDraft = Schemas['WarningBody']

/** Colours, the gravest first. */
export const colours = ['red', 'orange', 'yellow', 'blue'] as const
export type Colour = (typeof colours)[number]

/** The level of a colour, 1 (red) to 4 (blue): the severity tokens' number. */
export function levelOf(colour: string): number {
  const i = colours.indexOf(colour as Colour)
  return i < 0 ? colours.length : i + 1
}
