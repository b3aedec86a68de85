// The EL0 program of hypervisor.elf.
#include "user/user.h"

void user_main(void) {
    print("[EL0] user_main: nothing here is allowed but asking (SVC)\r\n");
    exit(7);
}
