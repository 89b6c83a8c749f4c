/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest without an operating system, for moving about: it rewrites its
 * memory all the time and notices when a single word of it is wrong.
 *
 *   qemu-system-x86_64 -m 64 -kernel tiny.elf -append "MIB PAGES"
 *
 * MIB    how much memory, from 2 MiB upwards, it uses
 * PAGES  how many pages it rewrites per tick of 1/16 s, sleeping for the rest
 *        of the tick.  0: as many as it can, as it always does in round 0.
 *
 * In round R the words of page P are the sequence of a linear congruential
 * generator that starts from seed(R, P).  Going through a page it compares
 * each word with round R - 1 before it writes that of round R, so by the end
 * of a round every word of the round before has been proved to be there.
 *
 * At each tick it prints "ok N round R" to the first serial port, N counting
 * up by one.  After a wrong word it prints "BAD ADDRESS" and stops for good:
 * somebody who sees N grow knows that the memory is right.
 *
 * The ticks come from the real-time clock through the interrupt controllers,
 * so they stop, too, when those arrive in a wrong state.
 */

        .equ    MULTIBOOT_MAGIC, 0x1badb002
        .equ    MEMORY_START, 2 << 20
        .equ    PAGE_WORDS, 1024
        .equ    COM1, 0x3f8
        .equ    TICK_VECTOR, 0x28               /* IRQ 8, first of the second controller */
        .equ    SPURIOUS_VECTOR, 0x27           /* IRQ 7 of the first controller, */
        .equ    SPURIOUS_VECTOR_2, 0x2f         /* and of the second one */

        .section .multiboot, "a"
        .align  4
        .long   MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

        .text
        .globl  _start
_start:
        movl    $stack_end, %esp
        movl    16(%ebx), %esi                  /* multiboot: address of the command line */
        call    read_arguments
        call    set_up_interrupts
        sti
        jmp     rounds

/* ---- the memory ---- */

/* %eax = the next word of the sequence in %eax */
        .macro  next_word
        imull   $1664525, %eax, %eax
        addl    $1013904223, %eax
        .endm

/* %eax = seed of round %eax for the page at %edi; changes %ecx */
seed:
        imull   $0x9e3779b1, %eax, %eax
        movl    %edi, %ecx
        imull   $0x85ebca6b, %ecx, %ecx
        xorl    %ecx, %eax
        ret

rounds:
        movl    $MEMORY_START, %edi
        xorl    %ebx, %ebx                      /* pages rewritten in this tick */
1:      call    rewrite_page                    /* moves %edi on by a page */
        cmpl    $0, round
        je      2f
        incl    %ebx
        cmpl    %ebx, pages_per_tick            /* never equal when it is 0 */
        jne     2f
        call    sleep_until_tick
2:      cmpl    $0, tick_came
        je      3f
        call    report
        xorl    %ebx, %ebx
3:      cmpl    memory_end, %edi
        jb      1b
        incl    round
        jmp     rounds

rewrite_page:
        movl    round, %eax
        call    seed
        movl    %eax, %edx                      /* the new sequence lives in %edx */
        movl    round, %eax
        decl    %eax
        call    seed                            /* the old one in %eax */
        movl    $PAGE_WORDS, %ecx
1:      next_word
        cmpl    $0, round                       /* nothing to compare in the first round */
        je      2f
        cmpl    (%edi), %eax
        jne     bad
2:      xchgl   %eax, %edx
        next_word
        movl    %eax, (%edi)
        xchgl   %eax, %edx
        addl    $4, %edi
        decl    %ecx
        jnz     1b
        invlpg  -4(%edi)                        /* see tiny.ld */
        movl    %edx, -4(%edi)
        ret

bad:
        movl    $text_bad, %esi
        call    print
        movl    %edi, %eax
        call    print_number
        call    print_newline
        cli
1:      hlt
        jmp     1b

/* ---- ticks ---- */

/* "sti; hlt" cannot be interrupted between the two, so no tick is slept over */
sleep_until_tick:
        cli
        cmpl    $0, tick_came
        jne     1f
        sti
        hlt
        jmp     sleep_until_tick
1:      sti
        ret

report:
        movl    $0, tick_came
        incl    counter
        movl    $text_ok, %esi
        call    print
        movl    counter, %eax
        call    print_number
        movl    $text_round, %esi
        call    print
        movl    round, %eax
        call    print_number
        jmp     print_newline

on_tick:
        pushl   %eax
        movl    $1, tick_came
        movb    $0x0c, %al                      /* reading register C allows the next tick */
        outb    %al, $0x70
        inb     $0x71, %al
        movb    $0x20, %al                      /* end of interrupt, to both controllers */
        outb    %al, $0xa0
        outb    %al, $0x20
        popl    %eax
        iretl

/*
 * A controller whose request has gone by the time the processor asks for it
 * answers with its IRQ 7.  That is seldom, but a move is one of the times at
 * which it happens.  Only a controller in front of the one that did it wants
 * the end of an interrupt.
 */
on_spurious_2:
        pushl   %eax
        movb    $0x20, %al
        outb    %al, $0x20
        popl    %eax
on_spurious:
        iretl

        .macro  handle vector, handler
        movl    $\handler, %eax
        movw    %ax, idt + 8 * \vector
        shrl    $16, %eax
        movl    $0x8e000008, idt + 8 * \vector + 2      /* 32-bit interrupt gate, segment 8 */
        movw    %ax, idt + 8 * \vector + 6
        .endm

        .macro  out port, value
        movb    $\value, %al
        outb    %al, $\port
        .endm

set_up_interrupts:
        lgdt    gdt_pointer
        ljmp    $8, $1f
1:      movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        handle  TICK_VECTOR, on_tick
        handle  SPURIOUS_VECTOR, on_spurious
        handle  SPURIOUS_VECTOR_2, on_spurious_2
        lidt    idt_pointer
        out     0x20, 0x11                      /* both controllers: vectors 0x20 and 0x28, */
        out     0xa0, 0x11                      /* everything masked but IRQ 8 */
        out     0x21, 0x20
        out     0xa1, 0x28
        out     0x21, 0x04
        out     0xa1, 0x02
        out     0x21, 0x01
        out     0xa1, 0x01
        out     0x21, 0xfb
        out     0xa1, 0xfe
        out     0x70, 0x0a                      /* real-time clock: 16 ticks per second, */
        out     0x71, 0x2c
        out     0x70, 0x0b                      /* as interrupts, in 24-hour mode */
        out     0x71, 0x42
        out     0x70, 0x0c
        inb     $0x71, %al
        ret

/* ---- the command line: the last two words, both numbers ---- */

/* The loader puts the name of the file in front, so what counts stands last. */
read_arguments:
        xorl    %edx, %edx                      /* this word; %eax: the one before */
1:      movzbl  (%esi), %ecx
        incl    %esi
        testl   %ecx, %ecx
        jz      3f
        cmpl    $' ', %ecx
        je      2f
        subl    $'0', %ecx
        cmpl    $9, %ecx
        ja      1b
        imull   $10, %edx, %edx
        addl    %ecx, %edx
        jmp     1b
2:      movl    %edx, %eax
        xorl    %edx, %edx
        jmp     1b
3:      movl    %edx, pages_per_tick
        shll    $20, %eax
        addl    $MEMORY_START, %eax
        movl    %eax, memory_end
        ret

/* ---- the serial port ---- */

/* print the octet in %al */
print_octet:
        pushl   %edx
        movb    %al, %ah
        movw    $(COM1 + 5), %dx
1:      inb     %dx, %al
        testb   $0x20, %al                      /* until there is room */
        jz      1b
        movb    %ah, %al
        movw    $COM1, %dx
        outb    %al, %dx
        popl    %edx
        ret

/* print the text at %esi up to its 0 */
print:
        lodsb
        testb   %al, %al
        jz      1f
        call    print_octet
        jmp     print
1:      ret

print_newline:
        movb    $'\n', %al
        jmp     print_octet

/* print %eax in decimal; changes %ecx and %edx */
print_number:
        movl    $10, %ecx
        xorl    %edx, %edx
        divl    %ecx
        pushl   %edx
        testl   %eax, %eax
        jz      1f
        call    print_number
1:      popl    %eax
        addb    $'0', %al
        jmp     print_octet

        .section .rodata
text_ok:        .asciz  "ok "
text_round:     .asciz  " round "
text_bad:       .asciz  "BAD "

        .data
        .align  8
gdt:            .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:    .word   . - gdt - 1
                .long   gdt
idt_pointer:    .word   8 * (SPURIOUS_VECTOR_2 + 1) - 1
                .long   idt
                .align  4
pages_per_tick: .long   0
memory_end:     .long   0
round:          .long   0
counter:        .long   0
tick_came:      .long   0

        .bss
        .align  16
idt:            .skip   8 * (SPURIOUS_VECTOR_2 + 1)
                .skip   1024
stack_end:
