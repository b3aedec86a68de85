// The guest's own vector table, for exceptions that stay in EL1 or come up from EL0.
#include "common/vectors.inc"

    .text
    vector_table guest_vectors, guest_exception, el1
