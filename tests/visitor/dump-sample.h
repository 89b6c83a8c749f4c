/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of printed forms: devices made of a few fields and a script of
 * values, and what comes out as text.
 */
#ifndef BM_DUMP_SAMPLE_H
#define BM_DUMP_SAMPLE_H

#include "stream.h"

/* What an input visitor gives, one after the other. */
typedef struct Value {
    BmScalar scalar;
    BmOctets octets; /* for fields that go by octets */
} Value;

#define V_BOOLEAN(b)                                                                               \
    {                                                                                              \
        .scalar = { BM_SCALAR_BOOLEAN, .boolean = (b) }                                            \
    }
#define V_UNSIGNED(n)                                                                              \
    {                                                                                              \
        .scalar = { BM_SCALAR_UNSIGNED, .u = (n) }                                                 \
    }
#define V_SIGNED(n)                                                                                \
    {                                                                                              \
        .scalar = { BM_SCALAR_SIGNED, .i = (n) }                                                   \
    }
#define V_NULL                                                                                     \
    {                                                                                              \
        .scalar = { BM_SCALAR_NULL }                                                               \
    }
#define V_PRESENT                                                                                  \
    {                                                                                              \
        .scalar = { BM_SCALAR_PRESENT }                                                            \
    }
#define V_RAW(text)                                                                                \
    {                                                                                              \
        .scalar = { BM_SCALAR_RAW, .raw = OCTETS(text) }                                           \
    }
#define V_OCTETS(text)                                                                             \
    {                                                                                              \
        .octets = OCTETS(text)                                                                     \
    }
#define OCTETS(text)                                                                               \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

BmVisitor *script_in(const Value *values, size_t n);

const BmSchema *struct_of(BmSchemaSet *set, const char *name, const BmField *fields, size_t n,
                          const BmSchema *subsection);

/* An operation that prints to memory. */
typedef struct Printed {
    BmOutput *out;
    BmStreamVisitor *s;
} Printed;

typedef BmStreamVisitor *(*Form)(BmOutput *, const char *glob, gboolean pages);

Printed print_begin(Form form, const char *glob, gboolean pages);
/* A section of this name, with values if there is a schema, else with octets "ab". */
void print_device(Printed *p, const BmSection *section, const BmSchema *schema, const Value *values,
                  size_t n);
void print_item(Printed *p, BmItem item);
/* Frees all; g_free() the text. */
char *print_end(Printed *p);

#endif
