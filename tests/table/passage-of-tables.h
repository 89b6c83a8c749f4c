/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: objects of a table saved into octets of either form and loaded from
 * them.
 */
#ifndef BM_PASSAGE_OF_TABLES_H
#define BM_PASSAGE_OF_TABLES_H

#include "legacy-values.h"
#include "table.h"

typedef enum Form {
    FORM_BER,    /* values, and the schema beside them */
    FORM_LEGACY, /* QEMU's octets, and the schema beside them */
    FORM_PLAIN,  /* QEMU's octets alone */
    FORMS
} Form;

/* What was saved. */
typedef struct Saved {
    BmSchemaSet *set;
    const BmSchema *schema;
    GByteArray *octets;
} Saved;

/* FALSE with an error, then nothing is to be freed. */
gboolean save(const BmTable *table, void *object, Form form, Saved *saved, GError **error);
void saved_clear(Saved *saved);
/* All octets must be read.  Offsets begin at 0. */
gboolean load(const BmTable *table, void *object, Form form, const Saved *saved,
              BmLoadReport *report, GError **error);

/* Each value as "name=octets " in hex, "name{ " and "} " around structs, "name[ "
 * and "] " around groups, "name< " and "> " around subsections; with the octets
 * that QEMU has for these marks, too. */
char *list_octets(const BmTable *table, void *object, Form form);

/* Text from the error, freed with it; "" if there is none. */
#define SAYS(error) ((error) ? (error)->message : "")

/* A row whose name is not that of its member. */
#define ROW_NAMED(label, s, m, t, ctype, ...)                                                      \
    {                                                                                              \
        .name = (label), .type = (t), .offset = BM_OFFSET(s, m, ctype), .size = sizeof(ctype),     \
        ##__VA_ARGS__                                                                              \
    }

#endif
