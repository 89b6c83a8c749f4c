/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Annotations: what of a C struct is a device's state, said in the struct.
 *
 *     typedef struct Timer {
 *         uint32_t reload;
 *         bool running;
 *         uint8_t fifo_len;
 *         uint8_t fifo[16] BM_SIZE(fifo_len);
 *         uint8_t mode BM_DEFAULT(TIMER_MODE_ONCE) BM_VERSION(2);
 *         int irq_level BM_DERIVED("timer_update() computes it");
 *         struct Bus *bus BM_ELSEWHERE("the machine connects it");
 *     } BM_DEVICE("timer", 2) Timer;
 *
 * bermig-idl(1) reads such a header and writes the BmTable of table.h, with
 * timer_save() and timer_load().  Without it the macros are nothing: a header
 * with annotations is a plain C header for every compiler.
 *
 * Everything is sent unless it is said that it is not, and why.  Without a word
 * are not sent: const members and pointers to functions, for what cannot change
 * needs no migration.  Any other pointer without an annotation is an error, and so is
 * a type whose size depends on the host (long, size_t) or whose sign does (char).
 */
#ifndef BM_ANNOTATE_H
#define BM_ANNOTATE_H

#ifdef __clang__
#define BM_ANNOTATION(text) __attribute__((annotate("bm:" text)))
#else
#define BM_ANNOTATION(text)
#endif

/* ---- the struct: between its closing brace and its name ---- */

/* It has a table.  `name` is what the stream calls it, `version` the newest that
 * this code writes and reads. */
#define BM_DEVICE(name, version) BM_ANNOTATION("device:" name) BM_ANNOTATION("current:" #version)
/* The oldest version that can still be loaded; 1 if not said. */
#define BM_MINIMUM(version) BM_ANNOTATION("minimum:" #version)
/* Hooks of the table, functions with the types that BmTable has. */
#define BM_PRE_SAVE(function) BM_ANNOTATION("pre_save:" #function)
#define BM_POST_SAVE(function) BM_ANNOTATION("post_save:" #function)
#define BM_PRE_LOAD(function) BM_ANNOTATION("pre_load:" #function)
#define BM_POST_LOAD(function) BM_ANNOTATION("post_load:" #function)

/* The members that are BM_IN(name) are sent apart, when needed(object) is TRUE, a
 * function as BmTable has it, and of a version of their own.  A struct can have
 * several; the order of their members is that of the struct. */
#define BM_SUBSECTION(name, version, needed)                                                       \
    BM_ANNOTATION("subsection:" name)                                                              \
    BM_ANNOTATION("subsection_version:" #version) BM_ANNOTATION("subsection_needed:" #needed)

/* ---- members that are not sent, each with a reason for the description ---- */

/* Set when the device is made, never later; or belongs to the host. */
#define BM_IMMUTABLE(reason) BM_ANNOTATION("immutable:" reason)
/* post_load computes it from what was sent. */
#define BM_DERIVED(reason) BM_ANNOTATION("derived:" reason)
/* Should be sent and is not.  Never in new code. */
#define BM_BROKEN(reason) BM_ANNOTATION("broken:" reason)
/* Another struct sends it. */
#define BM_ELSEWHERE(reason) BM_ANNOTATION("elsewhere:" reason)
/* The property `name` of the device sets it. */
#define BM_PROPERTY(name) BM_ANNOTATION("property:" name)

/* ---- members that are sent ---- */

/* Only when the bool member `has`, which stands before it and is sent, is true. */
#define BM_OPTIONAL(has) BM_ANNOTATION("optional:" #has)
/* Only when it is not `value`, a constant; loading sets what was not sent to it.
 * Never change it without renaming the member: it is part of the format. */
#define BM_DEFAULT(value) BM_ANNOTATION("default:" #value)
/* Only the first `number` elements: an integer member that stands before it, or
 * an expression in which `obj` points to the struct.  A pointer's elements are
 * allocated by loading; it needs BM_MAX. */
#define BM_SIZE(number) BM_ANNOTATION("size:" #number)
/* The most elements that loading allocates, a constant: of pointers with BM_SIZE, of
 * queues, trees and lists. */
#define BM_MAX(number) BM_ANNOTATION("max:" #number)
/* char[] that holds a string. */
#define BM_STRING BM_ANNOTATION("string:")
/* unsigned long[] that holds `bits` bits. */
#define BM_BITMAP(bits) BM_ANNOTATION("bitmap:" #bits)
/* int64_t that is a deadline in ns, -1 when off. */
#define BM_TIMER BM_ANNOTATION("timer:")
/* GQueue *, GTree * (keys are numbers) and the heads of <sys/queue.h>, of structs
 * `type` with BM_DEVICE, allocated by g_malloc0(); `link` is the member of `type`
 * that is the TAILQ_ENTRY or LIST_ENTRY.  They need BM_MAX. */
#define BM_QUEUE(type) BM_ANNOTATION("queue:" #type)
#define BM_TREE(type) BM_ANNOTATION("tree:" #type)
#define BM_TAILQ(type, link) BM_ANNOTATION("tailq:" #type) BM_ANNOTATION("link:" #link)
#define BM_LIST(type, link) BM_ANNOTATION("list:" #type) BM_ANNOTATION("link:" #link)
/* Not the member itself is sent, but a temporary struct `type` with BM_DEVICE, whose
 * first member points to this struct: BM_PRE_SAVE of it fills it in from there, and
 * BM_POST_LOAD moves what was loaded back. */
#define BM_THROUGH(type) BM_ANNOTATION("through:" #type)
/* An integer that both sides have the same: loading compares it and stores nothing. */
#define BM_CHECK_EQUAL BM_ANNOTATION("equal:")
/* An integer that must not be more than what this side has. */
#define BM_CHECK_AT_MOST BM_ANNOTATION("at_most:")
/* In the subsection of this name, one of the struct's BM_SUBSECTION. */
#define BM_IN(name) BM_ANNOTATION("in:" name)
/* First version of the struct that has it. */
#define BM_VERSION(version) BM_ANNOTATION("version:" #version)

#endif
