/**
 * What `/api/v1` answers: names for the generated types (schema.d.ts, made from
 * openapi.json by `npm run api`), and narrower ones where the schema cannot say it.
 */
import type { MultiPolygon, Polygon } from 'geojson'
import type { Status } from '@/live/protocol'
import type { components } from './schema'

type Schemas = components['schemas']

export type City = Schemas['CityBody']
export type Property = Schemas['PropertyInfo']
export type IncidentClass = Schemas['ClassInfo']
export type CellDetail = Schemas['CellBody']
export type Point = Schemas['SeriesPoint']
export type Track = Schemas['TrackFeature']
/** How a delivery of a feed went. */
export type Delivery = Schemas['Report']
/** A data set that a department delivers again and again, under a contract. */
export type Feed = Schemas['Feed']
export type DeadLetter = Schemas['LetterBody']
export type CatalogueEntry = Schemas['Entry']

export type Region = Schemas['RegionBody'] & { geometry?: MultiPolygon | Polygon }
export type IncidentDetail = Omit<Schemas['IncidentBody'], 'status'> & { status: Status }
