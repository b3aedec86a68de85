// Commands on the UART: each makes one thing happen that is worth looking at.
#include "guest/shell.h"
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "guest/guest.h"
#include "guest/keyboard.h"
#include "layout.h"

#define LINE_SIZE 64

static void read_line(char *line) {
    size_t length = 0;
    for (;;) {
        char c = keyboard_next();
        if (c == '\r' || c == '\n')
            break;
        if ((c == '\b' || c == 0x7f) && length) {
            length--;
            printf("\b \b");
        } else if (c >= ' ' && c <= '~' && length < LINE_SIZE - 1) {
            line[length++] = c;
            printf("%c", c);
        }
    }
    line[length] = 0;
    printf("\n");
}

// Cuts the next word off the text; "" when there is none.
static char *next_word(char **text) {
    char *start = *text;
    while (*start == ' ')
        start++;
    char *end = start;
    while (*end && *end != ' ')
        end++;
    *text = *end ? end + 1 : end;
    *end = 0;
    return start;
}

static bool same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

// Hexadecimal, with or without 0x.
static bool parse_number(const char *text, u64 *value) {
    if (text[0] == '0' && text[1] == 'x')
        text += 2;
    *value = 0;
    size_t digits = 0;
    for (; *text; text++, digits++) {
        char c = *text;
        u64 digit = c >= '0' && c <= '9' ? (u64)(c - '0') : c >= 'a' && c <= 'f' ? (u64)(c - 'a' + 10) : 16;
        if (digit == 16)
            return false;
        *value = *value * 16 + digit;
    }
    return digits > 0 && digits <= 16;
}

static void help(char *arguments);

static void peek(char *arguments) {
    u64 va;
    u32 value;
    if (!parse_number(next_word(&arguments), &va) || va & 3)
        printf("peek ADDRESS: hexadecimal, a multiple of 4\n");
    else if (try_read(va, &value))
        printf("0x%016lx: 0x%08x\n", va, value);
    else
        printf("0x%016lx: data abort, ESR_EL1 0x%08lx\n", va, read_sysreg(esr_el1));
}

static void poke(char *arguments) {
    u64 va, value;
    if (!parse_number(next_word(&arguments), &va) || va & 3 || !parse_number(next_word(&arguments), &value))
        printf("poke ADDRESS VALUE: hexadecimal, the address a multiple of 4\n");
    else if (try_write(va, (u32)value))
        printf("0x%016lx: 0x%08x written\n", va, (u32)value);
    else
        printf("0x%016lx: data abort, ESR_EL1 0x%08lx\n", va, read_sysreg(esr_el1));
}

static void hvc(char *arguments) {
    u64 id;
    if (!parse_number(next_word(&arguments), &id))
        id = HV_VERSION;
    printf("HVC 0x%lx returned 0x%lx\n", id, (u64)hypercall((u32)id, 0));
}

static void wait(char *arguments) {
    (void)arguments;
    u32 seen = interrupts_seen(INTID_UART); // before the invitation: the answer may be quick
    printf("press a key: ");
    wait_for_interrupt(INTID_UART, seen);
    printf("awake again\n");
}

static void tick(char *arguments) {
    (void)arguments;
    u32 seen = interrupts_seen(INTID_TICK);
    hypercall(HV_TICK_LR, read_sysreg(cntfrq_el0) / 1000); // in a millisecond
    wait_for_interrupt(INTID_TICK, seen);
    printf("tick: %u so far\n", interrupts_seen(INTID_TICK));
}

static void fault(char *arguments) {
    (void)arguments;
    u32 value;
    printf("reading the hypervisor's own memory, PA 0x%lx\n", (u64)HYP_PA);
    if (try_read(HYP_PA, &value))
        printf("it worked: 0x%08x\n", value);
    else
        printf("data abort, ESR_EL1 0x%08lx\n", read_sysreg(esr_el1));
}

// The physical timer is EL2's (CNTHCTL_EL2.EL1PCEN = 0), and EL2 has no answer for the guest: it reports and stops.
static void crash(char *arguments) {
    (void)arguments;
    printf("0x%lx\n", read_sysreg(cntp_ctl_el0));
}

static void off(char *arguments) {
    (void)arguments;
    firmware_call(PSCI_SYSTEM_OFF, 0);
}

static const struct {
    const char *name, *text;
    void (*run)(char *arguments);
} commands[] = {
    {"help", "this list", help},
    {"peek", "ADDRESS: read a word of the guest's memory", peek},
    {"poke", "ADDRESS VALUE: write one", poke},
    {"hvc", "[ID]: make a hypercall", hvc},
    {"wfi", "wait for an interrupt: a key", wait},
    {"tick", "ask the hypervisor for a virtual interrupt in a millisecond", tick},
    {"fault", "touch what is not the guest's", fault},
    {"crash", "do what the hypervisor has no answer for", crash},
    {"off", "switch off", off},
};

static void help(char *arguments) {
    (void)arguments;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        printf("  %s %s\n", commands[i].name, commands[i].text);
}

static void run(char *line) {
    char *name = next_word(&line);
    if (!*name)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (same(name, commands[i].name)) {
            commands[i].run(line);
            return;
        }
    }
    printf("no command \"%s\"; try help\n", name);
}

void shell(void) {
    uart_listen();
    printf("[EL1] the guest's shell: type help\n");
    for (;;) {
        char line[LINE_SIZE];
        printf("guest> ");
        read_line(line);
        run(line);
    }
}
