/** A program with what debug information has to tell: inlined functions, recursion, structures, unions, bit fields, floating point. */
export const framesProgram: Readonly<Record<string, string>> = {
  'frames.c': `#include <stdint.h>
#include <stdbool.h>
typedef uint32_t u32;
enum color { RED, GREEN = 5, BLUE };
enum flags { READ = 1, WRITE = 2, EXEC = 4 };
struct point { int x, y; };
struct node {
  struct node *next;
  const char *name;
  u32 count;
  enum color color;
  unsigned ready : 1;
  int level : 5;
  struct point at[3];
  union { long whole; unsigned char bytes[8]; };
  int (*callback)(int, long);
  double weight;
  bool good;
  signed char small;
};
struct node second = { 0, "second", 7, BLUE, 0, -3, {{1, 2}, {3, 4}, {5, 6}}, {0x4142434445464748}, 0, 2.5, true, -4 };
static volatile int sink;
int matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
void *memcpy(void *to, const void *from, unsigned long n)
{
  char *t = to;
  const char *f = from;
  while (n--) *t++ = *f++;
  return to;
}
__attribute__((noinline)) void stop(void) { __asm__ volatile("nop"); }
static inline __attribute__((always_inline)) int twice(int v)
{
  int doubled = v * 2;
  sink = doubled;
  stop();
  return doubled + sink;
}
__attribute__((noinline)) int callback(int a, long b) { return a + (int)b; }
__attribute__((noinline)) int inner(struct node *n, int depth, float f)
{
  char text[8] = "abc";
  struct node local = *n;
  enum flags flags = READ | EXEC;
  int total = depth;
  if (depth > 0) {
    int nested = depth * 3;
    total += inner(n, depth - 1, f + 1.5f) + nested;
  } else
    total += twice(n->count + depth);
  sink = text[0] + local.count + flags + (int)f;
  return total + text[1] + (int)flags;
}
int main(int argc)
{
  struct node first = { &second, "first", 3, GREEN, 1, 4, {{9, 8}, {7, 6}, {5, 4}}, {0x4142434445464748}, callback, 1.25, false, -1 };
  int *p = &matrix[1][0];
  int result = inner(&first, 2, 0.5f);
  return result + *p + argc;
}
`,
  'start.S': `.global _start
.type _start, %function
_start:
  msr cptr_el2, xzr
  isb
  ldr x1, =stack_top
  mov sp, x1
  mov x29, xzr
  mov w0, #5
  bl main
1: wfi
  b 1b
.size _start, . - _start
.bss
.balign 16
.space 65536
stack_top:
`,
  // A linker script that leaves the call-frame information out, as those of small programs do.
  'no-frames.ld': `ENTRY(_start)
SECTIONS { . = 0x40080000; .text : { *(.text*) } .rodata : { *(.rodata*) } .data : { *(.data*) } .bss : { *(.bss*) }
  /DISCARD/ : { *(.debug_frame .eh_frame .note* .comment) } }
`,
};
export const framesFlags = ['-mstrict-align', '-fno-tree-loop-distribute-patterns', '-Wl,-Ttext=0x40080000'];
