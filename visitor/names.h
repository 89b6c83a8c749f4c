/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of names that keeps them apart.
 */
#ifndef BM_NAMES_H
#define BM_NAMES_H

#include "stream.h"

typedef struct BmNames BmNames;

BmNames *bm_names_new(void);
void bm_names_free(BmNames *names); /* NULL is fine */
void bm_names_clear(BmNames *names);
gboolean bm_names_has(const BmNames *names, const char *name);
/* Adds `name` or, if that is there, the first free of "name#2", "name#3" ...
 * Returns what was added, owned by the set. */
const char *bm_names_add(BmNames *names, const char *name);
/* Adds what the paths of a device begin with.  The schema's name is the short
 * one, but two network cards share it; then the name with the bus address tells
 * them apart. */
const char *bm_names_add_device(BmNames *names, const BmDevice *device);

#endif
