// The checksum that `cksum` prints, which ./setup writes down: CRC-32 as POSIX defines it (XCU, cksum), with the length
// counted in. Not the one of zlib: that goes through the bits of each byte the other way.

const polynomial = 0x04c11db7;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ polynomial : crc << 1;
  return crc;
});

/** What `cksum <file` prints for these bytes: `3425940847 175310`. */
export function cksum(bytes: Uint8Array): string {
  let crc = 0;
  const add = (byte: number): void => {
    crc = (crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0);
  };
  bytes.forEach(add);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return `${~crc >>> 0} ${bytes.length}`;
}
