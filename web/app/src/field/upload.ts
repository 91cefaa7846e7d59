/** Photos over bad lines: tus 1.0, which goes on where it was cut. */
import { DetailedError, Upload } from 'tus-js-client'
import type { Store } from './store'
import type { Photo } from './types'
import { asHeader, No, NoLine, noOf, type Wire } from './wire'

const endpoint = '/api/v1/uploads/'
/** Bytes of one request: what is lost at most when the line breaks. */
const piece = 256 << 10

export interface Uploaded {
  id: string
  media: string
  sha256: string
  bytes: number
}

/** Brings a photo to the server; the tests have one of their own. */
export type Uploader = (photo: Photo, onOffset?: (sent: number, of: number) => void) => Promise<Uploaded>

/** The uploader that keeps in the store where it goes on. */
export function uploaderOf(store: Store, wire: Wire): Uploader {
  return async (photo, onOffset) => {
    if (photo.url) {
      const done = await finished(wire, photo.url)
      if (done) return done
    }
    const url = await send(photo, store, onOffset)
    const done = await finished(wire, url)
    if (!done) throw new NoLine('the upload is not finished yet')
    return done
  }
}

/** What became of an upload; undefined while it is not whole, or gone. */
async function finished(wire: Wire, url: string): Promise<Uploaded | undefined> {
  try {
    return await wire.ask<Uploaded>('GET', `/uploads/${url.slice(url.lastIndexOf('/') + 1)}/done`)
  } catch (error) {
    if (error instanceof No && (error.said.status === 404 || error.said.status === 409)) return undefined
    throw error
  }
}

function send(photo: Photo, store: Store, onOffset?: (sent: number, of: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(photo.blob, {
      endpoint,
      uploadUrl: photo.url ?? null,
      chunkSize: piece,
      retryDelays: null, // the outbox tries again, and keeps the order
      storeFingerprintForResuming: false,
      metadata: { filename: photo.id + '.jpg', filetype: photo.type, sha256: photo.sha256 },
      headers: { [asHeader]: photo.owner },
      onUploadUrlAvailable: () => {
        // Before the first byte: killed from here on, the upload goes on.
        if (upload.url !== null) void store.changePhoto(photo.id, { url: path(upload.url) })
      },
      onChunkComplete: (_, offset, total) => {
        void store.changePhoto(photo.id, { offset })
        onOffset?.(offset, total ?? photo.bytes)
      },
      onSuccess: () => {
        resolve(path(upload.url ?? ''))
      },
      onError: (error) => {
        reject(reasonOf(error))
      },
    })
    upload.start()
  })
}

function path(url: string): string {
  return new URL(url, location.origin).pathname
}

function reasonOf(error: Error | DetailedError): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null
  if (!response || response.getStatus() === 0) return new NoLine(error.message)
  return noOf(response.getStatus(), response.getBody())
}
