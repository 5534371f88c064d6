/** Block types (draft-ietf-opsawg-pcapng, section 11.1). Any other block is passed over. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;
export const DECRYPTION_SECRETS = 10;
/** Blocks without packets that Wireshark nevertheless numbers as frames: custom blocks, journal entries and Sysdig events. */
export const NUMBERED_BLOCKS: ReadonlySet<number> = new Set([0x00000bad, 0x40000bad, 9, 0x204, 0x208, 0x216, 0x221, 0x222, 0x223]);
