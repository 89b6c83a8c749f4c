/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hello that is put together, or kept (SPEC.md 5.10).
 */
#ifndef BM_HELLO_H
#define BM_HELLO_H

#include "stream.h"

typedef struct BmHelloBox BmHelloBox;

/* Empty but for the versions that this program reads. */
BmHelloBox *bm_hello_box_new(void);
void bm_hello_box_free(BmHelloBox *box); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmHelloBox, bm_hello_box_free)

/* Copies; `parameters` is NULL-terminated or NULL. */
void bm_hello_box_add(BmHelloBox *box, const char *name, const char *const *parameters);
/* All capabilities of `hello` (also those of `only`, if it is not NULL, alone). */
void bm_hello_box_add_all(BmHelloBox *box, const BmHello *hello, const BmHello *only);
/* What this program reads at most. */
void bm_hello_box_add_limits(BmHelloBox *box);

/* Looks ahead at the hello that a stream begins with, and takes nothing of it.  NULL if
 * it has none among its first `max` octets, or they do not come within `seconds`. */
BmHelloBox *bm_hello_look(BmInput *in, size_t max, unsigned seconds);

/* The box's, until it is changed or freed. */
const BmHello *bm_hello_box_get(BmHelloBox *box);

#endif
