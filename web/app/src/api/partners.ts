/** Other systems that are joined, as `/api/v1/partners` has them. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Partner = Schemas['Partner']
export type NewPartner = Schemas['NewPartner']
export type PartnerBody = Schemas['PartnerBody']
export type Delivery = Schemas['Delivery']
