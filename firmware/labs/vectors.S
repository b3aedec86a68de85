// The vector table of a lab that handles no exception.
#include "labs/lab.h"

    vector_table vectors
