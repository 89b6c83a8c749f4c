/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths of values: "PIIX3.PCIDevice.irq_state(4)(4).[0]".
 *
 * A component is a field's name; a single struct shows the name of its own
 * description instead (as "PCIDevice"), unless two fields of the same parent
 * would then look alike.  An array adds (count)(size of an element), a list only
 * its (count), an element .[index].  A buffer is an array of octets.  A
 * subsection is a component with its name, less the prefix it shares with its
 * parent.
 *
 * The origin may list an array in several fields of one name.  Each shows its
 * own count; one of a single element shows which: "irqs(1)(4).[3]".
 */
#ifndef BM_PATH_H
#define BM_PATH_H

#include "schema.h"

typedef struct BmPath {
    GString *text;
    GArray *marks; /* gsize: lengths to go back to */
} BmPath;

void bm_path_init(BmPath *path, const char *root);
void bm_path_clear(BmPath *path);
/* Each push is undone by one bm_path_pop(). */
void bm_path_push_name(BmPath *path, const char *name);
/* `parent` may be NULL. */
void bm_path_push_field(BmPath *path, const BmSchema *parent, const BmField *field);
/* Only what a walk without a schema knows as well: the name, and for a piece of an
 * array of one element its index. */
void bm_path_push_bare(BmPath *path, const BmField *field);
/* The index in the whole array: the caller adds field->first. */
void bm_path_push_index(BmPath *path, uint64_t index);
void bm_path_push_subsection(BmPath *path, const BmSchema *parent, const BmSchema *subsection);
void bm_path_pop(BmPath *path);
/* The name of the field alone, as JSON has it for a key: without the two numbers
 * of an array, which its value says, but with the first index, "name[5]", which
 * nothing else does.  May be in `scratch`. */
const char *bm_path_key(const BmSchema *parent, const BmField *field, GString *scratch);
const char *bm_path_text(const BmPath *path);

#endif
