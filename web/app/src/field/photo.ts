/** A photo as it comes from the camera, made small enough for a bad line. */
import { newID } from './outbox'
import type { Photo, Place } from './types'

/** The longer side, pixels, and the quality: about 0.5 MB, a number plate stays readable at 10 m. */
const side = 2048
const quality = 0.82

/**
 * Makes a Photo of a file. One that the browser cannot read is kept as it is:
 * the server judges it.
 */
export async function photoOf(file: Blob, owner: string, place?: Place): Promise<Photo> {
  const blob = await smaller(file).catch(() => file)
  const photo: Photo = {
    id: newID(), owner, blob, type: blob.type || 'image/jpeg', bytes: blob.size,
    sha256: await digest(blob), takenAt: new Date().toISOString(),
  }
  return place ? { ...photo, place } : photo
}

async function smaller(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  try {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const made = await new Promise<Blob | null>((done) => { canvas.toBlob(done, 'image/jpeg', quality) })
    return made && (scale < 1 || made.size < file.size) ? made : file
  } finally {
    picture.close()
  }
}

/** SHA-256 in hex; empty where the browser has none (not over TLS). */
async function digest(blob: Blob): Promise<string> {
  // Only pages over TLS, and of this machine, have it.
  const subtle = (crypto as { subtle?: SubtleCrypto }).subtle
  if (!subtle) return ''
  const sum = await subtle.digest('SHA-256', await blob.arrayBuffer())
  return Array.from(new Uint8Array(sum), (x) => x.toString(16).padStart(2, '0')).join('')
}
