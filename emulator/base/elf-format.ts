/** Sizes and numbers of ELF files of 64 bits (System V ABI, chapter 4; AAELF64), for what reads them and what writes them. */
export const elfBytes = { header: 64, programHeader: 56, sectionHeader: 64 } as const;
export const EM_AARCH64 = 183;
export const PT_LOAD = 1;
