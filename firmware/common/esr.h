// ESR_ELx, Exception Syndrome Register: EC (bits 31..26) says what happened, ISS (bits 24..0) gives the details (Arm ARM D13.2.37).
#pragma once
#include "common/types.h"

#define ESR_EC(esr) ((u32)((esr) >> 26) & 0x3f)
#define ESR_ISS(esr) ((u32)(esr)&0x1ffffff)

enum exception_class {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP = 0x07,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SVC64 = 0x15,
    EC_HVC64 = 0x16,
    EC_SMC64 = 0x17,
    EC_SYSREG = 0x18,
    EC_INSTRUCTION_ABORT_LOWER = 0x20,
    EC_INSTRUCTION_ABORT_SAME = 0x21,
    EC_PC_ALIGNMENT = 0x22,
    EC_DATA_ABORT_LOWER = 0x24,
    EC_DATA_ABORT_SAME = 0x25,
    EC_SP_ALIGNMENT = 0x26,
    EC_SERROR = 0x2f,
    EC_BRK = 0x3c,
};

// ISS of a data abort.
#define ISS_FSC(esr) ((u32)(esr)&0x3f)          // fault status code: which fault, at which level
#define ISS_WNR(esr) ((u32)((esr) >> 6) & 1)    // 1: a write
#define ISS_S1PTW(esr) ((u32)((esr) >> 7) & 1)  // stage 2 fault while reading a stage 1 table
#define ISS_SF(esr) ((u32)((esr) >> 15) & 1)    // the register is X (1) or W (0)
#define ISS_SRT(esr) ((u32)((esr) >> 16) & 31)  // which register is loaded or stored
#define ISS_SSE(esr) ((u32)((esr) >> 21) & 1)   // a load that sign-extends
#define ISS_SAS(esr) ((u32)((esr) >> 22) & 3)   // access size: 1 << SAS bytes
#define ISS_ISV(esr) ((u32)((esr) >> 24) & 1)   // the fields above are valid

#define FSC_KIND(fsc) ((fsc) & ~3u) // the level is in bits 1..0
#define FSC_ADDRESS_SIZE 0x00u
#define FSC_TRANSLATION 0x04u
#define FSC_ACCESS_FLAG 0x08u
#define FSC_PERMISSION 0x0cu
#define FSC_EXTERNAL_ABORT 0x10u // on the access itself
#define FSC_ALIGNMENT 0x21u
