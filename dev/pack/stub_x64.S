# Start stub, x86-64; see elf.ts for what it does and for the layout of the table behind it.
# Assembled: x86_64-linux-gnu-as stub_x64.S, section .text; its bytes are in stub.ts (a test compares).
    .text
    .globl _start
_start:
    lea   table(%rip), %r12
    mov   %rsp, %rbx              # argc, argv …, 0, environment …, 0, auxiliary vector
    mov   %rdx, %r15              # ld.so's exit hook, handed on to Deno
    mov   (%rbx), %rax
    lea   16(%rbx,%rax,8), %r13   # environment
    mov   16(%r12), %r14
    add   %r12, %r14              # "NAME=value"
    mov   %r13, %r8
next:                             # is NAME set already?
    mov   (%r8), %rsi
    add   $8, %r8
    test  %rsi, %rsi
    jz    unset
    mov   %r14, %rdi
cmpc:
    mov   (%rdi), %al
    inc   %rdi
    cmp   (%rsi), %al
    jne   next
    inc   %rsi
    cmp   $'=', %al
    jne   cmpc
    jmp   go
unset:                            # no: start over with it in the environment
    mov   %r8, %rcx
    sub   %r13, %rcx
aux:
    mov   (%r8), %rax
    mov   8(%r8), %rdi
    add   $16, %r8
    test  %rax, %rax
    jz    go
    cmp   $31, %rax               # AT_EXECFN
    jne   aux
    lea   23(%rcx), %rax
    and   $-16, %rax
    sub   %rax, %rsp
    mov   %rsp, %rdx
    mov   %r14, (%rdx)
    lea   8(%rdx), %r9
copy:
    mov   (%r13), %rax
    mov   %rax, (%r9)
    add   $8, %r13
    add   $8, %r9
    test  %rax, %rax
    jnz   copy
    lea   8(%rbx), %rsi
    mov   $59, %eax               # execve; returns only on failure
    syscall
    mov   %rbx, %rsp
go:
    lea   48(%r12), %r10          # the ordinary arguments
    mov   (%r12), %rcx            # N
    cmpq  $2, (%rbx)
    jb    insert
    mov   16(%rbx), %rsi          # argv[1]
    movabs $0x74696d7265702d2d, %rax # "--permit"
    cmp   %rax, (%rsi)
    jne   words
    cmpb  $0, 8(%rsi)
    je    permit
words:
    mov   40(%r12), %rdi
    add   %r12, %rdi
word:
    cmpb  $0, (%rdi)
    je    insert                  # none of them
    mov   %rsi, %rdx
same:
    mov   (%rdi), %al
    inc   %rdi
    cmp   (%rdx), %al
    jne   skip
    inc   %rdx
    test  %al, %al
    jnz   same
    lea   (%r10,%rcx,8), %r10     # the arguments of these words
    jmp   insert
skip:                             # to the next word
    test  %al, %al
    jz    word
    mov   (%rdi), %al
    inc   %rdi
    jmp   skip
permit:                           # "--permit" becomes "run", the first "--" the program
    mov   24(%r12), %rax
    add   %r12, %rax
    mov   %rax, 16(%rbx)
    lea   24(%rbx), %r9
dash:
    mov   (%r9), %rsi
    test  %rsi, %rsi
    jz    jump
    add   $8, %r9
    cmpw  $0x2d2d, (%rsi)
    jne   dash
    cmpb  $0, 2(%rsi)
    jne   dash
    mov   32(%r12), %rax
    add   %r12, %rax
    mov   %rax, -8(%r9)
    jmp   jump
insert:
    lea   (,%rcx,8), %rax
    mov   %rbx, %rsp
    sub   %rax, %rsp
    mov   (%rbx), %rax
    add   %rcx, %rax
    mov   %rax, (%rsp)            # argc + N
    mov   8(%rbx), %rax
    mov   %rax, 8(%rsp)           # argv[0]
    lea   16(%rsp), %rdi
    mov   %r10, %rsi
    cld
arg:
    test  %rcx, %rcx
    jz    jump
    lodsq
    add   %r12, %rax
    stosq
    dec   %rcx
    jmp   arg
jump:                             # the caller's own arguments follow in place
    mov   %r15, %rdx
    mov   8(%r12), %rax
    add   %r12, %rax
    jmp   *%rax
    .balign 8
table:
