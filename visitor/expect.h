/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one end knows of a machine: its type, its page size, its memory, its
 * devices, and what they are made of.  Each part may be unknown.
 *
 * The same object stands for a guest that is to be moved and for a machine that
 * is to take it; the comparison of two is a preflight (compat/preflight.h).
 */
#ifndef BM_EXPECT_H
#define BM_EXPECT_H

#include "shape.h"
#include "stream.h"

/* A section that is saved under this name and instance. */
typedef struct BmExpectSection {
    const char *name;
    uint32_t instance;
    uint32_t version;
    gboolean live;        /* saved while the guest runs: no shape */
    const BmShape *shape; /* NULL: not known */
} BmExpectSection;

typedef struct BmExpect BmExpect;

BmExpect *bm_expect_new(void);
void bm_expect_free(BmExpect *e); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmExpect, bm_expect_free)

/* ---- making one; texts are copied ---- */

void bm_expect_set_machine(BmExpect *e, const char *machine);
void bm_expect_set_page_bits(BmExpect *e, uint32_t bits);
/* In place of those that are there; from now on the memory is known. */
void bm_expect_set_blocks(BmExpect *e, const BmRamBlock *blocks, uint32_t n);
/* From the first one on that is not live the devices are known.  The one of a name and instance
 * that is there is replaced.  Takes a reference of the shape. */
void bm_expect_add_section(BmExpect *e, const BmExpectSection *section);
/* A kind of device that the program can be given, whether the machine has one or
 * not: shapes of one name are variants. */
void bm_expect_add_type(BmExpect *e, const BmShape *shape);

/* An operation that takes all of that from a stream of the machine: its
 * configuration, blocks, devices and announces (sections, with shapes of which
 * those of devices are samples).  `e` must outlive it.  BM_LIMIT for more than
 * BM_LIMIT_DEVICES sections. */
BmStreamVisitor *bm_expect_collect(BmExpect *e);

/* ---- asking ---- */

const char *bm_expect_machine(const BmExpect *e); /* NULL: not known */
uint32_t bm_expect_page_bits(const BmExpect *e);  /* 0: not known */
gboolean bm_expect_has_blocks(const BmExpect *e);
/* Sections that are not live: a guest whose first records have come shows those only. */
gboolean bm_expect_has_devices(const BmExpect *e);
gboolean bm_expect_has_types(const BmExpect *e);
/* Nothing is known at all. */
gboolean bm_expect_is_empty(const BmExpect *e);

const BmRamBlock *bm_expect_blocks(const BmExpect *e, uint32_t *n);
const BmRamBlock *bm_expect_find_block(const BmExpect *e, const char *name);
uint32_t bm_expect_n_sections(const BmExpect *e);
const BmExpectSection *bm_expect_section(const BmExpect *e, uint32_t i);
const BmExpectSection *bm_expect_find_section(const BmExpect *e, const char *name,
                                              uint32_t instance);
/* Variants of the shape of this name, BmShape; NULL: there is none. */
const GPtrArray *bm_expect_find_types(const BmExpect *e, const char *name);

#endif
