// What an EL0 program can ask of the guest's kernel: SVC #0, number in x0, argument in x1, result in x0.
#pragma once

#define SYS_PRINT 1 // x1: VA of a string that ends with 0 -> 0, or -1 where the program may not read it
#define SYS_EXIT 2  // x1: a number for the kernel; does not return
