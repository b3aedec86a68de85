// EL2's vector table: VBAR_EL2 points here. Each of the sixteen slots saves the context and calls el2_exception.
#include "common/vectors.inc"

    .text
    vector_table el2_vectors, el2_exception, el2
