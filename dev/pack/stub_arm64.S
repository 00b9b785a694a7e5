// Start stub, arm64; see elf.ts for what it does and for the layout of the table behind it.
// Assembled: aarch64-linux-gnu-as stub_arm64.S, section .text; its bytes are in stub.ts (a test compares).
    .text
    .globl _start
_start:
    adr   x12, table
    mov   x10, sp                 // argc, argv …, 0, environment …, 0, auxiliary vector
    mov   x19, x0                 // ld.so's exit hook, handed on to Deno
    ldr   x9, [x10]
    add   x15, x10, x9, lsl #3
    add   x15, x15, #16           // environment
    ldr   x13, [x12, #16]
    add   x13, x13, x12           // "NAME=value"
    mov   x11, x15
next:                             // is NAME set already?
    ldr   x14, [x11], #8
    cbz   x14, unset
    mov   x16, x13
cmpc:
    ldrb  w17, [x14], #1
    ldrb  w8, [x16], #1
    cmp   w17, w8
    b.ne  next
    cmp   w8, #'='
    b.ne  cmpc
    b     go
unset:                            // no: start over with it in the environment
    sub   x20, x11, x15
aux:
    ldp   x14, x0, [x11], #16
    cbz   x14, go
    cmp   x14, #31                // AT_EXECFN
    b.ne  aux
    add   x2, x20, #8 + 15
    and   x2, x2, #~15
    sub   x2, x10, x2
    mov   sp, x2
    str   x13, [x2]
    add   x16, x2, #8
copy:
    ldr   x14, [x15], #8
    str   x14, [x16], #8
    cbnz  x14, copy
    add   x1, x10, #8             // argv
    mov   x8, #221                // execve; returns only on failure
    svc   #0
    mov   sp, x10
go:
    add   x21, x12, #48           // the ordinary arguments
    ldr   x13, [x12]              // N
    ldr   x9, [x10]
    cmp   x9, #2
    b.lo  insert
    ldr   x14, [x10, #16]         // argv[1]
    ldr   x16, =0x74696d7265702d2d // "--permit"
    ldr   x17, [x14]
    cmp   x16, x17
    b.ne  words
    ldrb  w17, [x14, #8]
    cbz   w17, permit
words:
    ldr   x15, [x12, #40]
    add   x15, x15, x12
word:
    ldrb  w8, [x15]
    cbz   w8, insert              // none of them
    mov   x16, x14
same:
    ldrb  w8, [x15], #1
    ldrb  w17, [x16], #1
    cmp   w8, w17
    b.ne  skip
    cbnz  w8, same
    add   x21, x21, x13, lsl #3   // the arguments of these words
    b     insert
skip:                             // to the next word
    cbz   w8, word
    ldrb  w8, [x15], #1
    b     skip
permit:                           // "--permit" becomes "run", the first "--" the program
    ldr   x16, [x12, #24]
    add   x16, x16, x12
    str   x16, [x10, #16]
    add   x11, x10, #24
dash:
    ldr   x14, [x11], #8
    cbz   x14, jump
    ldrb  w8, [x14]
    cmp   w8, #'-'
    b.ne  dash
    ldrb  w8, [x14, #1]
    cmp   w8, #'-'
    b.ne  dash
    ldrb  w8, [x14, #2]
    cbnz  w8, dash
    ldr   x16, [x12, #32]
    add   x16, x16, x12
    stur  x16, [x11, #-8]
    b     jump
insert:
    sub   x14, x10, x13, lsl #3   // new sp
    mov   sp, x14
    mov   x11, x14
    ldr   x9, [x10]
    add   x9, x9, x13
    str   x9, [x11], #8           // argc + N
    ldr   x9, [x10, #8]
    str   x9, [x11], #8           // argv[0]
arg:
    cbz   x13, jump
    ldr   x9, [x21], #8
    add   x9, x9, x12
    str   x9, [x11], #8
    sub   x13, x13, #1
    b     arg
jump:                             // the caller's own arguments follow in place
    mov   x0, x19
    ldr   x16, [x12, #8]
    add   x16, x16, x12
    br    x16
    .ltorg
    .balign 8
table:
