/**
 * Whether the sun is up at a place, after the almanac's short formula (US Naval
 * Observatory, "Approximate Solar Coordinates": within a minute of time). The
 * terminal is dark by night and light by day, where it is and not by its clock's zone.
 */
export function sunHeight(ms: number, lon: number, lat: number): number {
  const rad = Math.PI / 180
  const days = ms / 86_400_000 + 2440587.5 - 2451545 // since J2000.0
  const mean = (357.529 + 0.98560028 * days) * rad
  const ecliptic = (280.459 + 0.98564736 * days + 1.915 * Math.sin(mean) + 0.02 * Math.sin(2 * mean)) * rad
  const tilt = (23.439 - 0.00000036 * days) * rad
  const declination = Math.asin(Math.sin(tilt) * Math.sin(ecliptic))
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(ecliptic), Math.cos(ecliptic))
  const sidereal = (280.46062 + 360.98564737 * days + lon) * rad
  const hour = sidereal - ascension
  return Math.asin(Math.sin(lat * rad) * Math.sin(declination) + Math.cos(lat * rad) * Math.cos(declination) * Math.cos(hour)) / rad
}

/** The upper edge of the sun, seen through the air, rises at −0.833°. */
export function isDay(ms: number, lon: number, lat: number): boolean {
  return sunHeight(ms, lon, lat) > -0.833
}
