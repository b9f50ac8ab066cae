const SECTOR = 512;

/**
 * A VMDK of 32 KiB whose first descriptor sector reads as `monolithicSparse`, while QEMU, which takes the
 * first `createType` anywhere and reads on to the first NUL, finds a flat image with this extent behind that
 * sector.
 */
export function twoFacedVmdk(extent: string): Buffer {
  const image = Buffer.alloc(32 * 1024);
  image.write('KDMV', 0, 'latin1');
  image.writeUInt32LE(1, 4); // version
  image.writeUInt32LE(3, 8); // flags
  image.writeBigUInt64LE(0n, 12); // capacity
  image.writeBigUInt64LE(128n, 20); // grain size
  image.writeBigUInt64LE(1n, 28); // descriptor's first sector
  image.writeBigUInt64LE(1n, 36); // its sectors
  image.writeUInt32LE(512, 44); // entries of a grain table
  image.writeBigUInt64LE(128n, 64); // overhead
  image.write('\n \r\n', 73, 'latin1');
  const front = [
    ...['# Disk DescriptorFile', 'version=1', 'CID=12345678', 'parentCID=ffffffff'],
    ...['# createType="monolithicFlat"', 'createType="monolithicSparse"', 'RDONLY 2048 SPARSE "itself.vmdk"'],
  ].join('\n');
  image.write(`${front}\n${'#'.repeat(SECTOR - front.length - 2)}\n${extent}\n`, SECTOR, 'latin1');
  return image;
}
